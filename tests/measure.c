/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure COUNT COMMAND [ARGUMENT..]: run it so often, one after the other, and print for each run,
 * in microseconds, the time until it ended, as its parent sees it, and its CPU time in all.
 * Processes that it leaves behind, and that also end, are waited for here. That does not count as
 * its time, but their CPU time counts: no cost is hidden from the measurement. Its output is thrown
 * away. Exit status 1: it ended with another status than 0.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long cpu_us(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000LL + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
}

static _Noreturn void become(char **command)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	execv(command[0], command);
	perror(command[0]);
	_exit(127);
}

static int once(char **command)
{
	long long began = now_us(), wall, cpu;
	struct rusage used;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		become(command);
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0)
		return 1;
	wall = now_us() - began;
	cpu = cpu_us(&used);
	while (wait4(-1, NULL, 0, &used) > 0)
		cpu += cpu_us(&used);
	printf("%lld %lld\n", wall, cpu);
	return status != 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 3) {
		fprintf(stderr, "measure COUNT COMMAND [ARGUMENT..]\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = atoi(argv[1]); i > 0 && status == 0; i--) {
		status = once(argv + 2);
		fflush(stdout);
	}
	return status;
}
