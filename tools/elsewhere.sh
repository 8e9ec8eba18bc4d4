#!/bin/sh
# Do the notebooks hold on another processor? torch, NumPy and their libraries compute as on one without AVX, so that sums
# are rounded otherwise. Numbers that a training amplifies are compared nowhere (the tag chaotic, conftest.py): what is
# tried is that no other output depends on the processor, and that the assertions hold.
# Run by make from the handbook's folder.
set -eu
export ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41 OPENBLAS_CORETYPE=Nehalem
export NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4"
.venv/bin/python -m pytest -q --nbval --nbval-current-env -n auto --dist loadfile notebooks/ book/
