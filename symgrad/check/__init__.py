"""The command `check`: which texts are judged, by how many workers, and how the verdicts on them are reported."""
