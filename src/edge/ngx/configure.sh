#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes ngx_auto_config.h and ngx_auto_headers.h of the packaged nginx.
# usage: configure.sh NGINX-SOURCE SCRATCH-FOLDER OUTPUT-FOLDER
set -euo pipefail
source_folder=$1
scratch=$(realpath -m "$2")
output=$(realpath "$3")

mkdir -p "$scratch"
cd "$source_folder"
. ./conf_flags
./configure "${NGX_CONF_FLAGS[@]}" --builddir="$scratch" > "$scratch/configure.log" 2>&1 ||
	{ tail -20 "$scratch/configure.log" >&2; exit 1; }
cp "$scratch/ngx_auto_config.h" "$scratch/ngx_auto_headers.h" "$output"
