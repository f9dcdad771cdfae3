# SPDX-License-Identifier: GPL-2.0-or-later
#
# The result of one job of the test suite: reads everything that the job has printed, and prints PASSED FAILED SKIPPED.
#
#     awk -v status=STATUS -v says=tap|count -f tests/tap.awk LOG
#
# A job that says `tap` speaks TAP: a plan `1..N` (of each group of tests, in a program with several), and a line `ok`
# or `not ok` for each test. The lines must be as many as planned: a program that ends too early has failed, whatever
# its exit status. A job that says `count` prints numbers instead (`N passed, N failed, N skipped`, `mutants: N tried, N
# survived`, or the number of rounds in which nothing differed), and these are believed. A job that does not print what
# it should has failed. If the exit status is not 0, at least one test has failed.

/^1\.\.[0-9]+/ { planned += substr($1, 4); plans++ }
/^ok( |$)/ || /^not ok( |$)/ {
	seen++
	if (/# SKIP/) skipped++
	else if (/^ok/) passed++
	else failed++
}
/^Bail out!/ { failed++ }
/^[0-9]+ passed, [0-9]+ failed/ { told = 1; told_passed = $1; told_failed = $3; told_skipped = /skipped/ ? $5 : 0 }
/^mutants: [0-9]+ tried, [0-9]+ survived$/ { told = 1; told_passed = $2 - $4; told_failed = $4 }

/^[0-9]+ rounds?, [0-9]+ runs?, [0-9]+ verdicts differ/ { told = 1; told_passed = $5 == 0; told_failed = $5 != 0 }

END {
	if (says == "tap") {
		if (!plans || seen != planned) failed++
	} else if (told) {
		passed = told_passed; failed = told_failed; skipped = told_skipped
	} else {
		passed = skipped = 0; failed = 1
	}
	if (status != 0 && !failed) failed = 1
	print passed + 0, failed + 0, skipped + 0
}
