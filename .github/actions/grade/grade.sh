#!/usr/bin/env bash
# Grades a submission, and hands the result to the runner: outputs, summary, annotations.
# Everything comes as an environment variable; nothing of it is ever part of a command's text.
# Ends as the grader does: 0 passed, 1 not passed or rejected, 2 wrong usage, 3 no score.
set -euo pipefail

REPORTS=${REPORTS:-$RUNNER_TEMP/grader-reports}
mkdir -p "$REPORTS"
declare -A file=(
    [json]=$REPORTS/result.json [html]=$REPORTS/report.html [junit]=$REPORTS/junit.xml
    [sarif]=$REPORTS/result.sarif [markdown]=$REPORTS/report.md
)
rm -f "${file[@]}" # of a step before: nobody must take them for this one's

options=()
for format in json html junit markdown; do options+=(--report "$format=${file[$format]}"); done
if [[ -n $CHALLENGES ]]; then options+=(--challenges "$CHALLENGES"); fi
if [[ -n $SEED ]]; then options+=(--seed "$SEED"); fi

options+=(-- "${CHALLENGE:?Name the exam in the input challenge}" "$SUBMISSION")

# What the grader prints holds text of the student's, and a line of it could be a command for the
# runner. Between these two lines nothing is; the token is drawn again and is nowhere else. Both
# streams go into one, so that none of it is read after the second line.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
code=0
"$GRADER_COMMAND" grade "${options[@]}" 2>&1 || code=$?
printf '\n::%s::\n' "$token"

if [[ ! -s ${file[json]} ]]; then
    echo "::error title=Not graded::The grader ended with $code before it had a result; see its log."
    exit "$((code ? code : 3))"
fi

# Code hosts show a line by its path in the repository.
top=$(realpath --relative-to="${GITHUB_WORKSPACE:-$PWD}" -- "$SUBMISSION")
case $top in . | .. | ../*) top= ;; esac
render() { "$GRADER_COMMAND" report "${file[json]}" --folder "$top" --format "$@"; }

render sarif --output "${file[sarif]}"
render outputs >>"$GITHUB_OUTPUT"
echo "reports=$REPORTS" >>"$GITHUB_OUTPUT"
for format in "${!file[@]}"; do echo "$format=${file[$format]}" >>"$GITHUB_OUTPUT"; done
cat "${file[markdown]}" >>"$GITHUB_STEP_SUMMARY"
if [[ $ANNOTATIONS == true ]]; then render annotations; fi
if ((code == 1)) && [[ $FAIL_BELOW_PASS_MARK != true ]]; then code=0; fi
exit "$code"
