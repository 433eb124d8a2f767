"""The bundled encoder, loaded when a photo or a search asks for it: ranking alone never pays for it."""

from recommender.base_model import encoder
from recommender.base_model.protocols import Encoder
from recommender.errors import RecommenderError


def bundled_encoder() -> Encoder:
    """The same one at every call; raises RecommenderError, whatever it is that keeps it from loading."""
    try:
        return encoder.load_encoder()
    except RecommenderError:
        raise
    except Exception as error:  # a missing library, a damaged file
        raise RecommenderError(
            f"the encoder of texts and photos cannot be loaded: {type(error).__name__}: {error}"
        ) from error
