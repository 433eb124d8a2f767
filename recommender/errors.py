"""Errors a caller can act on. The command line prints them as one line; a service maps them to a status."""


class RecommenderError(Exception):
    """Something the caller can mend; the message says how."""


class UnknownIdError(RecommenderError, KeyError):
    """An id that the artifacts or the catalogue do not know."""

    def __str__(self) -> str:
        return str(self.args[0])


class BadRequestError(RecommenderError, ValueError):
    """An argument outside what is allowed."""


class UnreadableFileError(RecommenderError):
    """A file that is missing or not in the form it should have."""


class NotEnoughDataError(RecommenderError):
    """Too little behaviour to fit or to measure anything."""


class ArtifactError(RecommenderError):
    """Artifacts that are missing, damaged, foreign or newer than this code."""


class WriterError(RecommenderError):
    """A writer that cannot write or go on; the reply is finished without it."""


class EncoderError(RecommenderError):
    """Encoder weights that are missing, damaged or not the ones this project was measured with."""


class BadPhotoError(BadRequestError):
    """A photo that cannot be read, or that is larger than what is read."""


class BadAudioError(BadRequestError):
    """A sound that cannot be read, or that is longer than what is listened to."""


class TranscriberError(RecommenderError):
    """A transcriber that cannot listen; what a message says in text is still answered."""


class BatchError(RecommenderError):
    """A batch that cannot go on: another is under way, or what is there is another's or damaged."""


class MissingExtraError(RecommenderError):
    """Something needs a package that is not installed."""
