/* SPDX-License-Identifier: ISC */
/*
 * The configuration: what serialgate.conf says, as one struct.
 *
 * gate parses the file (config_parse) and sends each role its lines
 * (config_each_line); the role feeds them to config_set. Everything here works
 * on memory alone: no file is opened, no clock read, no name looked up,
 * nothing logged. Options are rows of the table in config/options.c.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CONFIG_PATH "/etc/serialgate/serialgate.conf"

/* Limits. Lengths are in bytes and leave out the closing NUL. */
#define CONFIG_FILE_MAX (1024 * 1024) /* a whole file */
#define CONFIG_LINE_MAX 4096	      /* a line of it, without its end */
#define CONFIG_VALUE_MAX 4095	      /* a value as written */
#define CONFIG_STRING_MAX 1023	      /* one string, path, URI or word */
#define CONFIG_NAME_MAX 63	      /* NAME in [host "NAME"] and [access "NAME"] */
#define CONFIG_LIST_MAX 64	      /* items of one list */
#define CONFIG_HOSTS_MAX 64
#define CONFIG_ACCESS_MAX 256
#define CONFIG_ERROR_SIZE 512	/* enough for every text of config_set, with its NUL */
#define CONFIG_ERRORS_SHOWN 100 /* errors config_parse reports before it stops reporting */

/* The processes a line may go to; bits, to be joined with |. */
enum config_role {
	CONFIG_GATE = 1,
	CONFIG_AUTH = 2,
	CONFIG_CONSOLE = 4,
	CONFIG_VIRT = 8,
	CONFIG_SSHD = 16,
	CONFIG_WS = 32,
};

/* Places in gate.users. */
enum config_user {
	CONFIG_USER_VISITOR, /* what sshd and ws become */
	CONFIG_USER_CONSOLE,
	CONFIG_USER_VIRT,
	CONFIG_USERS,
};

enum config_method {
	CONFIG_PUBLICKEY,
	CONFIG_KEYBOARD_INTERACTIVE,
	CONFIG_PASSWORD,
	CONFIG_METHODS,
};

/* What [access] may give; bits. */
enum config_right {
	CONFIG_MAY_VIEW = 1,
	CONFIG_MAY_TYPE = 2,
	CONFIG_MAY_POWER = 4,
	CONFIG_MAY_BREAK = 8,
	CONFIG_MAY_SHARE = 16,
	CONFIG_MAY_ADD_SERIAL = 32,
	CONFIG_MAY_KICK = 64,
};

/* When consoles are opened. */
enum config_capture {
	CONFIG_ON_DEMAND,
	CONFIG_ALWAYS, /* as soon as their guest runs */
};

/* What live output is freed of on its way to a person's terminal. */
enum config_filter {
	CONFIG_FILTER_OFF,
	CONFIG_FILTER_STRICT, /* clipboard writes and title reports */
};

/* What is done for a link that does not keep up. */
enum config_slow_link {
	CONFIG_SLOW_PAINT, /* show the guest's screen as it is, leaving out what has passed */
	CONFIG_SLOW_SKIP,  /* leave out the oldest bytes */
	CONFIG_SLOW_RAW,   /* every byte, however late */
};

/* When the machine's processors are kept from sleeping. */
enum config_awake {
	CONFIG_AWAKE_KEYS, /* while the echo of a key is due */
	CONFIG_AWAKE_NEVER,
};

#define CONFIG_ESCAPE_NONE (-1)

/* Every alternative names each method at most once: 3 + 3*2 + 3*2*1 of them exist. */
#define CONFIG_ALTERNATIVES_MAX 15

/* A login is complete when all steps of one alternative were passed in this order. */
struct config_alternative {
	uint8_t count;
	uint8_t steps[CONFIG_METHODS]; /* enum config_method */
};

struct config_methods {
	size_t count;
	struct config_alternative alternatives[CONFIG_ALTERNATIVES_MAX];
};

struct config_list {
	char **items;
	size_t count;
};

/* Always AF_INET or AF_INET6 with a port from 1 to 65535. */
struct config_address {
	struct sockaddr_storage address;
	socklen_t length;
	char text[64]; /* as written, for messages */
};

struct config_addresses {
	struct config_address *items;
	size_t count;
};

/*
 * What every section that holds options keeps of them: bit N stands for row N
 * of the option table. `failed` has those whose value was refused.
 */
struct config_seen {
	uint64_t set;
	uint64_t failed;
	unsigned line; /* of the section's header; 0 where there is none */
};

struct config_host {
	struct config_seen seen;
	char *name;
	char *uri;
};

/* Lists hold what was written, quotes removed; the access rules give it meaning. */
struct config_access {
	struct config_seen seen;
	char *name;
	struct config_list users;
	struct config_list groups;
	struct config_list guests;
	unsigned may; /* enum config_right */
};

/*
 * All times are in milliseconds, all sizes in bytes. Strings are never NULL
 * after config_init; where an option can be turned off, the empty string,
 * the empty list or 0 does it, if not said otherwise.
 */
struct config {
	struct config_seen seen;
	struct {
		struct config_list users; /* CONFIG_USERS names, by enum config_user */
		int max_visitors;
		int max_per_source; /* an IPv4 address or an IPv6 /64 */
		int max_unauthenticated;
		int64_t idle_timeout;	 /* without a key typed; 0: never */
		int64_t handshake_grace; /* from accept to the end of key exchange */
		int64_t login_grace;	 /* from accept to the end of login */
		int64_t penalty;	 /* what a failed login adds to its source's penalty */
		int64_t penalty_max;	 /* a penalty grows no longer than this */
		char *audit_file;	 /* "": the log alone */
		char *state_file;	 /* what is open, for the audit after a crash; "": none */
	} gate;
	struct {
		struct config_addresses listen;
		struct config_list host_keys;
	} ssh;
	struct {
		struct config_addresses listen;
		char *tls_certificate;
		char *tls_key;
		char *public_url; /* without a slash at its end; "": unknown */
		struct config_list origins;
		struct config_list embed_from;
		struct config_list trusted_proxy;
		int64_t session_idle;  /* a resume token that is not used for so long is void */
		int64_t session_total; /* and any, so long after the login */
	} web;
	struct {
		char *pam_service;
		char *pam_directory;
		char *shared_login;
		char *shared_keys;
		char guest_separator;		    /* '\0': off */
		struct config_list authorized_keys; /* with %u, %h, %% not yet replaced */
		struct config_methods methods;
		int max_tries;
	} auth;
	struct {
		int escape; /* 0..31 or 127, or CONFIG_ESCAPE_NONE */
		size_t ring;
		size_t ring_total;
		int boots;	       /* of how many the first part is kept */
		int capture;	       /* enum config_capture */
		int64_t linger;
		int64_t keyboard_idle; /* after so long without a key it goes to who asks; 0: never */
		char *log_directory;   /* "": no logs on disk */
		size_t log_size;       /* bytes of one file */
		int log_files;	       /* of one console */
		int filter;	       /* enum config_filter */
		int slow_link;	       /* enum config_slow_link */
		int stay_awake;	       /* enum config_awake */
	} console;
	struct config_host hosts[CONFIG_HOSTS_MAX];
	size_t host_count; /* at least 1 */
	struct config_access access[CONFIG_ACCESS_MAX];
	size_t access_count;

	/* Below: of config/ alone. */
	bool default_host; /* hosts[0] is the built-in one: the first that is set replaces it */
	unsigned line;	   /* the line of the file being read, 0 outside config_parse */
	struct config_line *lines; /* every line set, in order */
	size_t line_count;
};

/*
 * `text` says what is wrong and what is expected; it is valid during the call,
 * printable ASCII, and ends without a newline. `line` counts from 1; 0 means
 * the file as a whole. The caller prints "FILE:LINE: text".
 */
typedef void (*config_error_fn)(void *arg, unsigned line, const char *text);

/* Returns 0 to go on; anything else ends config_each_line, which returns it. */
typedef int (*config_line_fn)(void *arg, const char *section, const char *name, const char *key,
			      const char *value);

/*
 * Fills cfg with the defaults: what an empty file means. Returns 0, or -1
 * without memory (cfg is then safe to config_free, and good for nothing else).
 */
int config_init(struct config *cfg);

/* Frees what cfg holds, not cfg. Safe after any error, after itself, and on NULL. */
void config_free(struct config *cfg);

/* Frees what *current points to (NULL: nothing), itself too, and puts fresh in its place. */
void config_replace(struct config **current, struct config *fresh);

/*
 * Sets one option in an initialised cfg. `section` is "gate", "ssh", "web",
 * "auth", "console", "host" or "access"; `name` is the quoted part of the last two and
 * "" for the rest. An empty key with an empty value opens the section, so that
 * a host with no line of its own to show still exists. A list that is set
 * again grows; anything else that is set again is an error.
 * Returns 0, or -1 with the text in err (cfg keeps what it had, and is usable).
 */
int config_set(struct config *cfg, const char *section, const char *name, const char *key,
	       const char *value, char *err, size_t errsize);

/*
 * Reads a whole file's text (any bytes, no NUL needed) into an initialised cfg,
 * then checks that the options fit together. Every error goes to fn.
 * Returns 0, or -1 after one error or more (cfg is then only good to be freed).
 * Not for two threads at once: inih's settings are the process's.
 */
int config_parse(struct config *cfg, const char *text, size_t len, config_error_fn fn, void *arg);

/*
 * Calls fn for every line that was set and that one of `roles` (enum
 * config_role) gets, in the order of the file; defaults are not among them.
 * Fed to config_set on a fresh struct, they give that role the same values.
 * Returns 0, or what fn returned to end it.
 */
int config_each_line(const struct config *cfg, unsigned roles, config_line_fn fn, void *arg);

/*
 * The line of the file that first sets an option of an unnamed section; 0 where none
 * does, or where the lines did not come from config_parse.
 */
unsigned config_line_number(const struct config *cfg, const char *section, const char *key);

#endif
