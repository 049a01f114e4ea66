/* SPDX-License-Identifier: ISC */
/* See awake.h. */
#include "gate/awake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ipc/peer.h"

#define LATENCY_PATH "/dev/cpu_dma_latency"

void awake_send(struct peer *to, const struct config *config)
{
	static bool is_told;
	int fd;

	if (config->console.stay_awake == CONFIG_AWAKE_NEVER)
		return;
	fd = open(LATENCY_PATH, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		/* Not kept: processors may sleep again when the last who has it open dies. */
		peer_send_fds(to, MSG_AWAKE, NULL, &fd, 1);
		return;
	}
	if (!is_told && geteuid() == 0)
		log_info("%s: %s: a key's echo may wait for processors that sleep (stay-awake in "
			 "serialgate.conf)", LATENCY_PATH, strerror(errno));
	is_told = true;
}
