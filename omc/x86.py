"""The levels of x86-64 CPUs, and which of them a named CPU model of QEMU has.

The levels and their features are those of the x86-64 psABI (micro-architecture levels); features carry libvirt's names.
The models are QEMU's (its manual, "ABI compatibility levels"); a level is a promise of instructions, so a model that
lacks one of them has the level below.
"""

import re
from collections.abc import Collection, Mapping

HIGHEST = 4

FEATURES: Mapping[int, frozenset[str]] = {
    1: frozenset(("cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2", "lm")),
    2: frozenset(("cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4.1", "sse4.2")),
    3: frozenset(("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave")),
    4: frozenset(("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")),
}
"""What each level adds to the one below it."""

MODELS: Mapping[int, tuple[str, ...]] = {
    0: (
        *("486", "pentium", "pentium2", "pentium3", "pentiumpro", "athlon", "coreduo", "n270", "qemu32", "kvm32"),
        "max32",
    ),
    1: (
        *("cpu64-rhel5", "cpu64-rhel6", "qemu64", "kvm64", "phenom", "core2duo", "Opteron_G1", "Opteron_G2"),
        *("Conroe", "Opteron_G3", "Penryn"),
    ),
    2: ("Nehalem", "Westmere", "Denverton", "Snowridge", "SandyBridge", "Opteron_G4", "IvyBridge", "Opteron_G5"),
    3: (
        *("Haswell", "Broadwell", "Skylake-Client", "Icelake-Client", "KnightsMill", "SierraForest"),
        *("ClearwaterForest", "Dhyana", "YongFeng", "EPYC", "EPYC-Rome", "EPYC-Milan"),
    ),
    4: (
        *("Skylake-Server", "Cascadelake-Server", "Cooperlake", "Icelake-Server", "SapphireRapids"),
        *("GraniteRapids", "EPYC-Genoa", "EPYC-Turin"),
    ),
}
"""Models by level, later and so richer ones behind earlier ones;
variants ("-IBRS", "-noTSX", "-v2") have the same level."""

_PLACES = {model: (level, place) for level, models in MODELS.items() for place, model in enumerate(models)}
_VARIANT = re.compile(r"-(?:noTSX|IBRS|IBPB|v[0-9]+)(?=-|$)")


def name(level: int | None) -> str | None:
    """Return "x86-64-v2"; None where there is no level."""
    return f"x86-64-v{level}" if level else None


def plain(model: str) -> str:
    """Return a model's name without its variant: "Haswell" for "Haswell-noTSX-IBRS" and "Haswell-v4"."""
    return _VARIANT.sub("", model)


def level_of_model(model: str) -> int | None:
    """Return the level of a named model, 0 for one of 32 bits; None where it is not known."""
    place = _PLACES.get(plain(model))
    return None if place is None else place[0]


def runs(model: str, arch: str | None) -> bool:
    """Tell whether guests of an architecture run on a model: none of 64 bits on one of 32."""
    return arch != "x86_64" or level_of_model(model) != 0


def features_up_to(level: int) -> frozenset[str]:
    """Return all features that a level needs."""
    return frozenset().union(*(FEATURES[each] for each in range(1, level + 1)))


def level_offered(models: Mapping[str, Collection[str]], missing: Collection[str] = ()) -> int | None:
    """Return the highest level that a host is known to have, 0 for less than the first; None where nothing tells.

    `models` run there but for the features beside each of them; `missing` are features that are not there.
    """
    known = [
        (top, frozenset(without)) for model, without in models.items() if (top := level_of_model(model)) is not None
    ]
    if not known:
        return None
    offered = 0
    for level in range(1, HIGHEST + 1):
        needed = features_up_to(level)
        witnessed = any(top >= level and needed.isdisjoint(without) for top, without in known)
        if not witnessed or not needed.isdisjoint(missing):
            break
        offered = level
    return offered


def order(model: str) -> tuple[int, int, int, str]:
    """Sort key for models: by level, then by age; guarded variants behind plain ones, unknown ones first."""
    level, place = _PLACES.get(plain(model), (-1, 0))
    guarded = 2 * ("-IBRS" in model or "-IBPB" in model) - ("-noTSX" in model)
    return level, place, guarded, model
