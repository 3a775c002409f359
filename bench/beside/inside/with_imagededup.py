"""imagededup's perceptual hash, which finds near duplicates in a folder at its own threshold."""

from __future__ import annotations

import json
import sys

from imagededup.methods import PHash

if __name__ == "__main__":
    hasher = PHash(verbose=False)
    found = hasher.find_duplicates(image_dir=sys.argv[1], recursive=True, max_distance_threshold=10)
    pairs = {tuple(sorted((one, other))) for one, others in found.items() for other in others}
    sys.stdout.write("\n" + json.dumps({"pairs": sorted(pairs)}))
