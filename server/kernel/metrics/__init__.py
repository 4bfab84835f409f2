"""What a process counts, what all processes of a server counted together, and the text that Prometheus reads."""

from . import readings
from .exposition import CONTENT_TYPE, render
from .families import Counter, Family, Histogram, Kind, Labels, Reading, Sampled, families, samples
from .sharing import Figures

__all__ = [
    "CONTENT_TYPE",
    "Counter",
    "Family",
    "Figures",
    "Histogram",
    "Kind",
    "Labels",
    "Reading",
    "Sampled",
    "families",
    "readings",
    "render",
    "samples",
]
