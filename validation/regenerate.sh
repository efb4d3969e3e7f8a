#!/usr/bin/env bash
# Every reference of validation/references from the R scripts in r/, then what changed against those kept in git.
# Needs R as r/Dockerfile describes it and LIMEN_REALDATA; `docker build -t limen-r r`, then
#   docker run --rm -v "$PWD/..:/limen" -v "$LIMEN_REALDATA:/realdata:ro" limen-r
set -euo pipefail
cd "$(dirname "$0")"
: "${LIMEN_REALDATA:?name the folder of real data, such as LIMEN_REALDATA=../realdata}"
export LC_ALL=C.UTF-8 TZ=UTC
for script in r/*.R; do
  echo "$script"
  Rscript --vanilla "$script"
done
git --no-pager -c safe.directory='*' diff --stat --exit-code -- references && echo "references are as they were"
