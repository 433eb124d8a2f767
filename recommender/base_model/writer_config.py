"""What an operator may set about a base model that runs here."""

from pydantic import Field, PositiveInt

from schemas.base import Contract


class WriterConfig(Contract):
    """Settings of `TransformersWriter`."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """0 writes what is likeliest, without chance. None: what the checkpoint asks for, else 0.7."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """None: what the checkpoint asks for, else 0.9."""
    max_batch: PositiveInt = 16
    """Prompts answered together."""
    max_concurrent: PositiveInt | None = None
    """Threads that compute at the same time; the others wait for a step, not for a whole answer. None: as many as there
    are cores where a step keeps one busy, else 1."""
