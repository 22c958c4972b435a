"""Every kind of fault, by its name."""

from typing import Final

from .callback_faults import CALLBACK_FAULTS
from .citizen_faults import CITIZEN_FAULTS
from .process_faults import PROCESS_FAULTS
from .provider_faults import PROVIDER_FAULTS
from .rounds import Fault

FAULTS: Final[dict[str, Fault]] = {
    **PROCESS_FAULTS,
    **CITIZEN_FAULTS,
    **CALLBACK_FAULTS,
    **PROVIDER_FAULTS,
}
