/* SPDX-License-Identifier: ISC */
/*
 * Whether options that are each good fit together. Pure; of config/ alone.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/config.h"

/*
 * Calls fn for every contradiction and every section that cannot do anything.
 * An option whose own value was refused is left out: that was reported.
 */
void check_together(const struct config *cfg, config_error_fn fn, void *arg);

#endif
