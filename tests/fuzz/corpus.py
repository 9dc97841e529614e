#!/usr/bin/env python3
"""Writes the corpus of every fuzz target from the vectors: corpus/TARGET/NAME, one file per vector."""

import json
import pathlib
import re

here = pathlib.Path(__file__).resolve().parent
vectors = here / "../../federation-spec/vectors"
decoders = (here / "../src/decoders.rs").read_text()

for target, name in re.findall(r'name: "(\w+)", vectors: "([\w-]+)"', decoders):
    corpus = here / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for vector in json.loads((vectors / f"{name}-v1.json").read_text())["vectors"]:
        seed = corpus / re.sub(r"\W+", "-", vector["name"])
        seed.write_bytes(bytes.fromhex(vector["input"]))
