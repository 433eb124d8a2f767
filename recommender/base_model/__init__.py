"""The base model behind three protocols: who writes, who embeds, who hears."""

from recommender.base_model.protocols import Encoder, Transcriber, Writer

__all__ = ["Encoder", "Transcriber", "Writer"]
