"""The models agentverse knows: what each needs, what this machine has, and how to get it.

Example:
    ::

        from agentverse.models.catalogue import find, fits, local_file, probe, pull

        entry = find("MiniCPM5-2B")
        if fits(probe(), entry, "gguf") and not local_file(entry, "gguf"):
            pull(entry, "gguf")
"""

from agentverse.models.catalogue.download import Progress, pull
from agentverse.models.catalogue.entry import Entry, Files, Form
from agentverse.models.catalogue.fit import Fit, fits
from agentverse.models.catalogue.load import entries, find
from agentverse.models.catalogue.local import local_file
from agentverse.models.catalogue.machine import Gpu, Machine, probe

__all__ = [
    "Entry",
    "Files",
    "Fit",
    "Form",
    "Gpu",
    "Machine",
    "Progress",
    "entries",
    "find",
    "fits",
    "local_file",
    "probe",
    "pull",
]
