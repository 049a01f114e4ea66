/* SPDX-License-Identifier: ISC */
/* See family.h. */
#include "gate/family.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* proc(5): "PID (NAME) STATE PPID ..."; a name may have any bytes, parentheses too. */
static pid_t parent_of(const char *pid)
{
	char path[280], text[512];
	const char *end;
	size_t n = 0;
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

void family_signal(int sig, bool (*spare)(pid_t pid))
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;

	while (proc && (e = readdir(proc))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid > 1 && parent_of(e->d_name) == getpid() && !(spare && spare(pid)))
			kill(pid, sig);
	}
	if (proc)
		closedir(proc);
}
