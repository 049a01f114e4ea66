/* SPDX-License-Identifier: ISC */
/*
 * Addresses to listen on, as the configuration writes them. Pure: names are
 * not looked up.
 */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H

#include "config/config.h"

/* Reads "192.0.2.1:2222" or "[2001:db8::1]:2222". Returns 0, or -1. */
int address_read(const char *text, struct config_address *address);

#endif
