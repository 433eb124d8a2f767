"""Index the photos: every product of the catalogue into the photo index, going on where an earlier run broke off."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from recommender.artifacts import Artifacts, ArtifactStore
from recommender.base_model import encoder as bundled
from recommender.base_model.protocols import Encoder
from recommender.embedder import described, known_of
from recommender.errors import ArtifactError, NotEnoughDataError
from recommender.ids import IdMap
from recommender.indexer import Filled, Indexer
from recommender.photo_files import PhotoFolder
from recommender.photo_index import PhotoIndex
from recommender.selection import Progress, silent
from schemas import Columns
from signals.catalog import CatalogStore


@dataclass(frozen=True)
class Indexing:
    """What an indexing did, in how many seconds."""

    filled: Filled
    seconds: float

    def as_json(self) -> Mapping[str, object]:
        filled = self.filled
        return {
            "products": filled.products,
            "written": filled.written,
            "photos": dict(filled.photos),
            "troubles": filled.troubles,
            "seconds": round(self.seconds, 2),
        }


def index_photos(
    engine: Engine,
    folder: Path,
    photos: Path,
    *,
    encoder: Encoder | None = None,
    anew: bool = False,
    progress: Progress = silent,
) -> Indexing:
    """Bring the photo index beside the artifacts in `folder` up to the catalogue: the texts and photos of its products.

    What is indexed, or in the artifacts in use, is not embedded again unless its text or the bytes of its photo
    changed. A run that is killed is gone on with by the next one. Open shops see each block once it is written, and
    training takes all of it over.

    Parameters
    ----------
    photos : the folder that the products' relative image paths start from. A photo that cannot be read is counted and
        named, and its product indexed by its text.
    encoder : None: the bundled one
    anew : forget what is indexed first

    Raises
    ------
    NotEnoughDataError : no products
    ArtifactError : the index is damaged, another encoder's, or cannot be written
    """
    start = time.perf_counter()
    catalog = CatalogStore(engine).rows()
    if catalog.empty:
        raise NotEnoughDataError("the catalogue is empty; load it with `recommender catalog load FILE`")
    index = PhotoIndex(folder)
    if anew:
        index.clear()
    progress(0.0, "loading the encoder")
    used = encoder or bundled.load_encoder()
    others = [one for one in known_of(_in_use(folder)) if one[1].digest == used.digest]
    filled = Indexer(index, used, PhotoFolder(photos), others).fill(described(catalog), progress, whole=True)
    index.compact(IdMap.from_ids(catalog[Columns.ITEM]), progress)
    return Indexing(filled, time.perf_counter() - start)


def _in_use(folder: Path) -> Artifacts | None:
    try:
        return ArtifactStore(folder).load(verify=True)
    except ArtifactError:
        return None
