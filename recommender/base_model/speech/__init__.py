"""Speech into text: sound decoded and judged, an embedded recogniser of the catalogue's words, or a checkpoint."""
