/* SPDX-License-Identifier: ISC */
/*
 * Every message that crosses a process boundary: what it is called, what it carries,
 * how long its parts may be and how many descriptors travel with it. Roles meet here
 * and nowhere else. A message is one SEQPACKET datagram: its type (u16) and its fields
 * in the order of the struct, integers big-endian, strings and bytes behind a u16
 * length. message_rows.c has one row for each field: encoder, decoder and fuzzer run on
 * those rows, so to add a message is to add a struct, its fields and a row.
 *
 * Pure: no I/O. A decoded `struct bytes` points into the datagram it came from.
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/pack.h"

enum {
	MESSAGE_MAX = 65536,        /* bytes of one datagram, type included */
	MESSAGE_DATA_MAX = 60000,   /* payload bytes of the data messages */
	MESSAGE_FDS_MAX = 2,
	HOST_MAX = 63,              /* bytes of a host's name */
	GUEST_MAX = 255,            /* bytes of a guest's name */
	GUEST_LABEL_MAX = 319,      /* host/guest */
	GUEST_PHRASE_MAX = 511,     /* what a person typed for a guest and console */
	ALIAS_MAX = 63,             /* a console's alias: serial0, console1 */
	USER_MAX = 255,
	PEER_MAX = 63,              /* a numeric address, with zone */
	TEXT_MAX = 1023,
	CONSOLES_MAX = 511,         /* aliases, default first, separated by blanks */
	UUID_SIZE = 16,
	INPUT_WINDOW = 16384,       /* bytes of input under way on one attachment */
	KEY_TEXT_MAX = 32768,       /* bytes of a host key's text, from its file to libssh */
	TLS_CHAIN_MAX = 45000,      /* bytes of a certificate and its chain, PEM */
	TLS_KEY_MAX = 15000,        /* bytes of its key, PEM */
	TOKEN_MAX = 64,             /* characters of a resume token or a ticket, URL-safe base64 */
	TICKET_ID_MAX = 15,
	DETAIL_MAX = 255,           /* of an audit record */
	RECORD_LINE_MAX = 8191,     /* bytes of its line in the audit */
	RECORD_ENTRY_MAX = 2048,    /* and of what the state file has of it */
	ACT_DETAIL_MAX = 32768,     /* what an act has to show beside its sentence */
};

enum role_id {
	ROLE_GATE, ROLE_AUTH, ROLE_CONSOLE, ROLE_VIRT, ROLE_SSHD, ROLE_WS, ROLE_COUNT
};
enum endpoint { ENDPOINT_SSH = 1, ENDPOINT_WEB = 2 };

/* A guest's state, in the words of conventions; values are ours, not libvirt's. */
enum guest_state {
	GUEST_UNKNOWN,
	GUEST_RUNNING,
	GUEST_PAUSED,
	GUEST_SHUTTING_DOWN,
	GUEST_OFF,
	GUEST_CRASHED,
	GUEST_SUSPENDED,
	GUEST_STATE_COUNT,
};

/* Why a guest is in the state it is in, as far as it is no plain start or end. */
enum guest_cause {
	CAUSE_NONE,
	CAUSE_MIGRATING,        /* paused: its memory is on the way, from or to another host */
	CAUSE_MIGRATED,         /* running: came from another host; off: went to one */
	CAUSE_SAVED,            /* off, or paused for it: its memory is in a file */
	CAUSE_RESTORED,         /* running or paused: goes on from a file or a snapshot */
	CAUSE_CRASHED,          /* off or paused */
	CAUSE_FAILED,           /* off: it did not start */
	CAUSE_DISK,             /* paused: reading or writing a disk failed */
	CAUSE_WATCHDOG,         /* paused by its watchdog */
	CAUSE_FORCED,           /* off: by somebody's order, or the daemon's */
	CAUSE_COUNT,
};

/* What became of the line of a console, as its viewers see it. */
enum line_state {
	LINE_CLOSED,      /* guest is off or host is away: opened when it comes back */
	LINE_OPENING,
	LINE_OPEN,
	LINE_BUSY,        /* somebody outside holds the console */
	LINE_STOLEN,      /* was open; somebody outside took it by force */
	LINE_NO_CONSOLE,  /* the guest has no such device, or none that can be opened */
	LINE_FAILED,      /* see the text; tried again with a back-off */
	LINE_STATE_COUNT,
};

/* Why a request was not done. The numbers are exit statuses (man 7 serialgate). */
enum refusal {
	REFUSED_FAILED = 1,
	REFUSED_USAGE = 2,
	REFUSED_NOT_ALLOWED = 3,
	REFUSED_NO_GUEST = 4,
	REFUSED_TIMEOUT = 5,
	REFUSED_GONE = 6,
};

enum auth_result { AUTH_FAILED, AUTH_PARTIAL, AUTH_OK, AUTH_OVER /* no more tries */ };

enum attach_flag {
	ATTACH_READ_ONLY = 1,   /* never gets the keyboard */
	ATTACH_TAKE = 2,        /* takes the keyboard at once */
	ATTACH_PREFIX = 4,      /* a unique prefix of the name is enough */
	ATTACH_HISTORY = 8,     /* reads what is kept: opens no line, is nobody's company */
	ATTACH_STAMPS = 16,     /* wants a STAMP before the bytes it belongs to */
	ATTACH_CREDIT = 32,     /* wants CREDIT for every byte, however few: to know when all are sent */
};

/* A place in what a console printed (man 7 serialgate: POS). */
enum position_kind {
	POSITION_NOW,           /* the newest byte: nothing of what was before */
	POSITION_DEFAULT,       /* where this user left; one who was never here: a screenful */
	POSITION_LINES,         /* value: so many lines before the newest byte */
	POSITION_OFFSET,        /* value: an offset, of that epoch */
	POSITION_LEFT,          /* where this user left; never here: the oldest byte */
	POSITION_BOOT,          /* value: 0 where the present boot began, 1 the one before... */
	POSITION_TIME,          /* value: seconds since the epoch: the first byte from then on */
	POSITION_OLDEST,        /* the oldest byte that is kept */
	POSITION_KIND_COUNT,
};

/* What may be done to a guest. Needs the right power; BREAK and SYSRQ break. */
enum guest_act {
	ACT_START = 1,          /* or resumes one that is paused */
	ACT_SHUTDOWN,
	ACT_REBOOT,
	ACT_RESET,
	ACT_POWEROFF,
	ACT_NMI,
	ACT_BREAK,
	ACT_SYSRQ,              /* with a key */
	ACT_RESUME,
	ACT_SHOW_SERIAL,        /* needs add-serial: the change that ACT_ADD_SERIAL would make */
	ACT_ADD_SERIAL,         /* defines a serial device and console in the persistent XML */
	ACT_COUNT,
};

/* The rights that an attachment tells of: config_right's numbers. */
enum may { MAY_TYPE = 2, MAY_POWER = 4, MAY_BREAK = 8, MAY_ADD_SERIAL = 32 };

enum audit_event {
	AUDIT_ATTACH = 1,
	AUDIT_DETACH,           /* ends the ATTACH of the same visit and number */
	AUDIT_KEYBOARD,         /* taken; detail: from whom */
	AUDIT_ACT,              /* detail: the act's name, and its key */
	AUDIT_KICK,             /* detail: whom */
	AUDIT_TICKET,           /* detail: made, used or revoked, and its id */
	AUDIT_EVENT_COUNT,
};

enum keyboard_cause {
	KEYBOARD_FIRST,    /* nobody had it */
	KEYBOARD_TAKEN,    /* `by` took it */
	KEYBOARD_GIVEN,    /* `by` gave it up */
	KEYBOARD_LEFT,     /* `by` left */
	KEYBOARD_SAME_USER,/* a newer session of the same user has it now */
	KEYBOARD_IDLE      /* `by` asked for it; its holder had not typed for a while */
};

enum input_loss {
	LOSS_LINE,      /* the line ended with input unsent */
	LOSS_STUCK,     /* the guest did not read its input; the line was opened anew */
	LOSS_KEYBOARD   /* typed without the keyboard */
};

/* A new one goes to the end: files and seeds of fuzz/ have the numbers of the others. */
enum message_type {
	MSG_NONE,
	/* any process to its parent */
	MSG_LOG,
	/* gate to a role, over fd 3 */
	MSG_HELLO, MSG_CONFIG, MSG_CONFIG_END, MSG_KEY, MSG_TLS, MSG_SIBLING, MSG_DOOR,
	MSG_CONN,
	/* a role to gate */
	MSG_READY, MSG_REFUSE_CONFIG, MSG_CONN_PID, MSG_CONN_END, MSG_LOGIN, MSG_AUDIT,
	/* auth to console, with the visit */
	MSG_IDENTITY,
	/* console asks auth, auth answers; and auth to console: tickets and logins that are over */
	MSG_TICKET_MAKE, MSG_TICKET_MADE, MSG_TICKET_FIND, MSG_TICKET_FOUND, MSG_TICKETS_END,
	MSG_TICKET_DROP, MSG_VOID_LOGIN, MSG_VOID_TICKET,
	/* the door: a visitor asks, auth's child answers */
	MSG_ASK_METHODS, MSG_METHODS, MSG_ASK_PAM, MSG_PROMPT, MSG_ANSWERS, MSG_ASK_KEY,
	MSG_AUTH_RESULT, MSG_ASK_VISIT, MSG_VISIT, MSG_VISIT_REFUSED,
	MSG_ASK_TOKEN, MSG_TOKEN, MSG_RESUME, MSG_USE_TICKET, MSG_LOGOUT,
	/* auth's parent to the child of a door: what a token or a ticket stands for */
	MSG_CREDENTIAL,
	/* the visit: a visitor asks, console answers */
	MSG_LIST, MSG_GUEST, MSG_GUEST_GONE, MSG_LIST_END, MSG_INFO, MSG_PEER, MSG_INFO_END,
	MSG_ATTACH, MSG_ATTACHED, MSG_REFUSED, MSG_DETACH, MSG_DETACHED, MSG_INPUT, MSG_CREDIT,
	MSG_OUTPUT, MSG_STATE, MSG_KEYBOARD, MSG_LOST, MSG_TAKE, MSG_GIVE, MSG_WHO,
	MSG_WHO_END, MSG_FORCE, MSG_REPLAY, MSG_REPLAYING, MSG_STAMP, MSG_BOOT,
	MSG_ASK_WHO, MSG_ACT, MSG_ACT_DONE, MSG_KICK, MSG_VISIT_END, MSG_LOG_FILE,
	MSG_ASK_TICKET, MSG_TICKET, MSG_ASK_TICKETS, MSG_REVOKE,
	/* console to virt's parent, each with the socket of the child to be */
	MSG_WATCH_HOST, MSG_OPEN_LINE, MSG_DO_ACT,
	/* a watch and console */
	MSG_HOST, MSG_DOMAIN, MSG_DOMAIN_GONE, MSG_DOMAINS_END, MSG_REFRESH,
	/* a line and console */
	MSG_LINE_OPEN, MSG_LINE_FAILED, MSG_LINE_DATA, MSG_LINE_INPUT, MSG_LINE_DONE, MSG_LINE_END,
	/* the child that does an act, to console; then it ends */
	MSG_ACT_RESULT,
	/* console and the child that writes logs to disk */
	MSG_DISK_SETUP, MSG_DISK_OPEN, MSG_DISK_DATA, MSG_DISK_BOOT, MSG_DISK_CLOSE,
	MSG_DISK_DONE, MSG_DISK_FIND, MSG_DISK_FILE, MSG_DISK_FOUND,
	/* gate to its child that writes the audit */
	MSG_RECORD,
	/* to console, from who keeps a child for logs running: + 1 fd, the way to a new one */
	MSG_DISK_LINK,
	/* console to auth: a guest went to another host, and its tickets with it */
	MSG_TICKETS_MOVED,
	/* gate to console: + 1 fd, /dev/cpu_dma_latency, open for writing */
	MSG_AWAKE,
	MSG_TYPE_COUNT,
};

/* -- any process to its parent -- */
struct msg_log {
	uint8_t priority;            /* syslog(3) level, 0 to 7 */
	char text[TEXT_MAX + 1];     /* already escaped, prefix included, no newline */
};

/* -- gate to a role -- */
struct msg_hello {               /* the first message: who to become */
	uint8_t role;                /* enum role_id of the receiver */
	uint8_t drop;                /* 1: become uid, gid and groups; 0: stay who you are */
	uint32_t uid;
	uint32_t gid;
	struct bytes groups;         /* u32 each, big-endian: the supplementary groups */
};
struct msg_config {              /* one line of the configuration; config_set() takes it */
	char section[32];
	char name[HOST_MAX + 1];
	char key[64];
	struct bytes value;          /* at most 8192 bytes, no NUL */
};
struct msg_key {                 /* a host key, OpenSSH or PEM private key text */
	struct bytes text;
};
struct msg_tls {                 /* the web endpoint's certificate with its chain, and key: PEM */
	struct bytes chain;
	struct bytes key;            /* secret */
};
struct msg_sibling {             /* + 1 fd: the socket to that role, replacing any older one */
	uint8_t role;
};
struct msg_conn {                /* MSG_DOOR: + the door; MSG_CONN: + TCP socket, + door */
	uint64_t conn;               /* gate's number for the connection */
	uint8_t endpoint;            /* enum endpoint */
	uint8_t plain;               /* 1: http on a loopback address, without TLS */
	char peer[PEER_MAX + 1];     /* numeric address */
	uint16_t port;
};

/* -- a role to gate -- */
struct msg_refuse_config { char text[TEXT_MAX + 1]; };
struct msg_conn_pid { uint64_t conn; uint32_t pid; };
struct msg_conn_end { uint64_t conn; };
struct msg_login {
	uint64_t conn;
	uint8_t ok;
	uint8_t endpoint;
	char peer[PEER_MAX + 1];
	char user[USER_MAX + 1];
	char method[64];
};
/*
 * What somebody did, for the audit. gate adds the time and, to a DETACH, how long it
 * lasted; what is open when console dies gate ends by itself.
 */
struct msg_audit {
	uint8_t event;               /* enum audit_event */
	uint8_t ok;                  /* 0: it was tried and failed */
	uint64_t attachment;         /* ATTACH, DETACH: its number, unique in console's life */
	uint64_t conn;
	uint8_t endpoint;
	char user[USER_MAX + 1];
	char peer[PEER_MAX + 1];
	char method[64];
	char host[HOST_MAX + 1];
	char guest[GUEST_MAX + 1];
	uint8_t uuid[UUID_SIZE];
	char alias[ALIAS_MAX + 1];
	uint64_t bytes_to_guest;     /* DETACH */
	uint64_t bytes_from_guest;
	char detail[DETAIL_MAX + 1];
};

/* -- auth to console, and console's questions to auth -- */
struct msg_identity {            /* + 1 fd: console's end of the visit */
	uint64_t conn;
	uint8_t endpoint;
	char user[USER_MAX + 1];     /* as PAM left it */
	char peer[PEER_MAX + 1];
	char method[64];             /* publickey, keyboard-interactive, publickey+... */
	struct bytes groups;         /* strings behind u16 lengths: those the configuration names */
	/* Somebody who came by a ticket of that user; id "" nobody did. */
	char ticket[TICKET_ID_MAX + 1];
	char ticket_host[HOST_MAX + 1];
	uint8_t ticket_uuid[UUID_SIZE];    /* the only guest there is for them */
	uint8_t ticket_type;         /* 1: may type, too, if its issuer may */
	uint64_t ticket_until;       /* seconds since the epoch: the visit ends then */
};
struct msg_ticket_make {         /* console has checked that the issuer may */
	uint32_t request;            /* console's number for it */
	char user[USER_MAX + 1];
	char host[HOST_MAX + 1];
	uint8_t uuid[UUID_SIZE];
	char guest[GUEST_MAX + 1];   /* for lists */
	uint8_t type;
	uint8_t once;
	uint32_t valid;              /* seconds */
};
struct msg_ticket_made {
	uint32_t request;
	char id[TICKET_ID_MAX + 1];  /* "": it was not made, see text */
	char token[TOKEN_MAX + 1];   /* secret */
	char text[TEXT_MAX + 1];
};
struct msg_ticket_find { uint32_t request; char user[USER_MAX + 1]; };
struct msg_ticket_found {        /* one ticket of that user, then TICKETS_END */
	uint32_t request;
	char id[TICKET_ID_MAX + 1];
	char guest[GUEST_MAX + 1];
	uint8_t type;
	uint8_t once;
	uint32_t uses;
	uint64_t until;
};
struct msg_ticket_drop {         /* answered with TICKET_MADE: id "" there was none of that user's */
	uint32_t request;
	char user[USER_MAX + 1];
	char id[TICKET_ID_MAX + 1];
};
struct msg_request { uint32_t request; };    /* TICKETS_END */
struct msg_void_login { uint64_t conn; };    /* its door is shut, its resume tokens are void */
struct msg_tickets_moved {
	uint8_t uuid[UUID_SIZE];
	char from[HOST_MAX + 1];
	char to[HOST_MAX + 1];
};
struct msg_void_ticket { char id[TICKET_ID_MAX + 1]; };   /* to console: end its visits */

/* -- the door -- */
struct msg_ask_methods { char user[USER_MAX + 1]; };
struct msg_methods { char methods[128]; };   /* separated by commas: what may come next */
struct msg_ask_pam {
	char user[USER_MAX + 1];
	char method[32];             /* keyboard-interactive or password */
};
struct msg_prompt {              /* one PAM round; none at all is a message only */
	struct bytes instruction;    /* UTF-8 text, at most 20000 bytes, lines separated by LF */
	uint8_t count;               /* prompts */
	struct bytes prompts;        /* count times: u8 echo, u16 length, text */
};
struct msg_answers {             /* secret: wiped after use by both ends */
	uint8_t count;
	struct bytes answers;        /* count times: u16 length, bytes */
};
struct msg_ask_key {
	char user[USER_MAX + 1];
	char algorithm[64];          /* key type: ssh-ed25519 */
	struct bytes blob;           /* RFC 4253 6.6 public key blob, at most 8192 bytes */
	uint8_t is_signed;           /* 0: would this key do?  1: the signature was verified */
};
struct msg_auth_result {
	uint8_t result;              /* enum auth_result */
	char methods[128];           /* what may come next, separated by commas */
	char user[USER_MAX + 1];     /* who got in */
	struct bytes text;           /* what PAM wanted said, at most 20000 bytes; may be empty */
};
struct msg_visit_refused { char text[TEXT_MAX + 1]; };
/* ASK_TOKEN, after the login, has no fields; LOGOUT makes the login's tokens void. */
struct msg_token {
	char token[TOKEN_MAX + 1];   /* secret; "" there is none to be had */
	uint32_t idle;               /* seconds it lasts unused */
	uint32_t total;              /* seconds it lasts at all, from the login on */
};
struct msg_credential {
	uint8_t ok;                  /* 0: it stands for nothing (any more) */
	char user[USER_MAX + 1];
	char ticket[TICKET_ID_MAX + 1];    /* as in msg_identity */
	char ticket_host[HOST_MAX + 1];
	uint8_t ticket_uuid[UUID_SIZE];
	uint8_t ticket_type;
	uint64_t ticket_until;
};
struct msg_secret { char token[TOKEN_MAX + 1]; };   /* RESUME, USE_TICKET: AUTH_RESULT answers */

/* -- the visit -- */
struct msg_list { uint8_t watch; };          /* 1: keep me informed; 0: once, and stop informing */
struct msg_guest {
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	char name[GUEST_MAX + 1];
	uint8_t unique;              /* 0: shown as host/name because the name is not unique */
	uint8_t state;               /* enum guest_state */
	uint16_t viewers;            /* visitors on any of its consoles */
	char holder[USER_MAX + 1];   /* who has the keyboard of a console of it; "" nobody */
	char consoles[CONSOLES_MAX + 1];
	char displays[CONSOLES_MAX + 1];  /* vnc://127.0.0.1:5900 spice://..., separated by blanks */
};
struct msg_guest_gone { uint8_t uuid[UUID_SIZE]; char host[HOST_MAX + 1]; };
struct msg_list_end {
	uint16_t hidden;             /* 1: there are guests, and no access section fits any of them */
	char down[TEXT_MAX + 1];     /* hosts that do not answer, separated by blanks */
};
struct msg_info {
	uint32_t handle;
	char guest[GUEST_PHRASE_MAX + 1];
	uint8_t prefix;
	uint8_t probe;               /* only asks whether there is one: a no is no event */
};
struct msg_peer {                /* one viewer, for info (handle as asked) and who */
	uint32_t handle;
	uint64_t id;                 /* of the connection: what kick takes */
	char host[HOST_MAX + 1];
	char guest[GUEST_MAX + 1];
	uint8_t unique;
	char alias[ALIAS_MAX + 1];
	char user[USER_MAX + 1];
	char peer[PEER_MAX + 1];
	uint8_t endpoint;
	uint8_t keyboard;            /* has the keyboard */
	uint8_t read_only;           /* asked only to watch, or may not type */
	uint8_t you;
	uint64_t since;              /* seconds since the epoch */
};
struct position {
	uint8_t kind;                /* enum position_kind */
	uint64_t epoch;              /* of OFFSET */
	uint64_t value;
};
struct msg_attach {
	uint32_t handle;             /* the visitor's number for this attachment, not in use */
	char guest[GUEST_PHRASE_MAX + 1];  /* name, host/name, uuid, any of them with :alias */
	char device[ALIAS_MAX + 1];  /* alias given apart; "" none */
	uint32_t flags;              /* enum attach_flag */
	struct position from;
	struct position until;       /* NOW: no end */
};
struct msg_attached {
	uint32_t handle;
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	char name[GUEST_MAX + 1];
	uint8_t unique;
	char alias[ALIAS_MAX + 1];
	uint64_t epoch;
	uint64_t offset;             /* of the first byte that will come */
	uint64_t head;               /* of the first byte that is live: those before are a replay */
	uint64_t until;              /* what `until` of the request means; UINT64_MAX no end */
	uint64_t missed;             /* bytes after `from` that are not kept any more; UINT64_MAX: who
	                              * knows how many, `from` is of another epoch */
	uint8_t from;                /* enum position_kind: what offset is (DEFAULT: LEFT or LINES) */
	uint8_t may;                 /* enum may among others: all that this person may */
	uint8_t may_type;
	uint16_t viewers;            /* this one included */
	uint8_t output_seen;         /* 0: it is known that nothing was printed since this boot */
	uint8_t logged;              /* 1: it is written to disk, too, also what was missed */
};
struct msg_refused {
	uint32_t handle;             /* of the request; 0 where it has none */
	uint8_t code;                /* enum refusal */
	char text[TEXT_MAX + 1];     /* for a person; what happened and what to do */
};
struct msg_handle { uint32_t handle; };      /* DETACH DETACHED TAKE GIVE WHO WHO_END INFO_END FORCE */
struct msg_data { uint32_t handle; struct bytes data; };   /* INPUT */
/* offset: of data's first byte; what lies between it and the end of the last one was missed. */
struct msg_output { uint32_t handle; uint64_t offset; struct bytes data; };
struct msg_credit { uint32_t handle; uint32_t count; };    /* bytes of input that are done with */
struct msg_state {
	uint32_t handle;
	uint8_t guest;               /* enum guest_state */
	uint8_t line;                /* enum line_state */
	uint8_t host_up;
	uint32_t run;                /* differs between two runs of the guest; 0: off */
	uint32_t resets;             /* of this run */
	uint8_t gone;                /* else 0; detached: REFUSED_GONE: the guest, or the right to see
				      * it, is gone; REFUSED_FAILED: somebody ended it */
	char text[TEXT_MAX + 1];     /* libvirt's words for a failure, or "" */
	uint8_t cause;               /* enum guest_cause: why the guest is in that state */
	char host[HOST_MAX + 1];     /* where it is: another one after a migration */
	char name[GUEST_MAX + 1];    /* as it is called now */
	uint8_t unique;
};
struct msg_keyboard {
	uint32_t handle;
	uint8_t yours;
	uint8_t held;                /* 0: it is free */
	uint8_t denied;              /* the rights of this viewer are to watch only */
	uint8_t cause;               /* enum keyboard_cause */
	char holder[USER_MAX + 1];
	char holder_peer[PEER_MAX + 1];
	char by[USER_MAX + 1];       /* who caused it; "" nobody */
};
struct msg_lost { uint32_t handle; uint8_t cause; uint32_t count; };  /* enum input_loss */
struct msg_replay { uint32_t handle; struct position from; };
struct msg_replaying {           /* output goes on at offset; live again from head on */
	uint32_t handle;
	uint64_t offset;
	uint64_t head;
	uint64_t missed;             /* as in ATTACHED */
	uint8_t logged;
};
/* The byte at offset was printed then, milliseconds since the epoch. Comes before its output. */
struct msg_stamp { uint32_t handle; uint64_t offset; uint64_t time; };
/* A boot began at offset, seconds since the epoch; only in a replay. Comes before its output. */
struct msg_boot { uint32_t handle; uint64_t offset; uint64_t time; };
struct msg_act {
	uint32_t handle;             /* the visitor's number for the request, not in use */
	char guest[GUEST_PHRASE_MAX + 1];  /* the full name or UUID, :ALIAS for BREAK */
	uint8_t act;                 /* enum guest_act */
	uint8_t key;                 /* SYSRQ: ASCII */
};
struct msg_act_done {
	uint32_t handle;
	char text[TEXT_MAX + 1];     /* what was done, in a sentence: "BREAK sent (QMP)" */
	struct bytes detail;         /* SHOW_SERIAL: the change, lines with LF; else empty */
};
/* who: a user, or a connection's id. ACT_DONE or REFUSED answers. */
struct msg_kick { uint32_t handle; char who[USER_MAX + 1]; };
struct msg_visit_end { char text[TEXT_MAX + 1]; };   /* the visit is over; do not ask for another */
/*
 * + 2 fds: a file on disk with bytes that the ring has not any more, for one who asked for a
 * HISTORY that begins there, and its index (ipc/disk_index.h), which knows when they were
 * printed; oldest file first, all of them before ATTACHED.
 */
struct msg_log_file {
	uint32_t handle;
	uint64_t epoch;
	uint64_t offset;             /* of the file's first byte, in that epoch */
	uint64_t skip;               /* bytes at its start that were not asked for */
	uint64_t len;                /* bytes from there on that were */
	uint64_t time;               /* seconds since the epoch at which it was begun */
	uint64_t end;                /* the offset behind them: a hole is not as long as what it lacks */
};
struct msg_ask_ticket {
	uint32_t handle;
	char guest[GUEST_PHRASE_MAX + 1];
	uint8_t type;
	uint8_t once;
	uint32_t valid;              /* seconds */
};
struct msg_ticket {              /* answers ASK_TICKET; for ASK_TICKETS one each, then WHO_END */
	uint32_t handle;
	char id[TICKET_ID_MAX + 1];
	char token[TOKEN_MAX + 1];   /* secret; "" in a list */
	char guest[GUEST_MAX + 1];
	uint8_t type;
	uint8_t once;
	uint32_t uses;
	uint64_t until;              /* seconds since the epoch */
};
struct msg_revoke { uint32_t handle; char id[TICKET_ID_MAX + 1]; };  /* ACT_DONE or REFUSED */

/* -- console to virt -- */
struct msg_watch_host { char host[HOST_MAX + 1]; };        /* + 1 fd: the watch's end */
struct msg_open_line {                                     /* + 1 fd: the line's end */
	char host[HOST_MAX + 1];
	uint8_t uuid[UUID_SIZE];
	char alias[ALIAS_MAX + 1];   /* "" the default console, chosen as virsh console does */
	uint8_t force;               /* VIR_DOMAIN_CONSOLE_FORCE */
};
struct msg_do_act {              /* + 1 fd: the socket of the child that does it */
	char host[HOST_MAX + 1];
	uint8_t uuid[UUID_SIZE];
	char alias[ALIAS_MAX + 1];   /* BREAK: of the console */
	uint8_t act;
	uint8_t key;
	uint8_t paused;              /* START: leave it paused, if the driver can; RESUME follows */
};
struct msg_act_result {
	uint8_t code;                /* 0 done, else enum refusal */
	uint8_t paused;              /* START: it stands paused and wants RESUME */
	char text[TEXT_MAX + 1];
	struct bytes detail;
};

/* -- a watch and console -- */
struct msg_host { uint8_t up; char text[TEXT_MAX + 1]; };
struct msg_domain {
	uint8_t uuid[UUID_SIZE];
	char name[GUEST_MAX + 1];
	uint8_t state;               /* enum guest_state */
	uint32_t id;                 /* libvirt's id of this run; 0 when off: it tells boots apart */
	uint8_t reset;               /* 1: this message tells of a reset or reboot of the same run */
	uint8_t cause;               /* enum guest_cause */
	char consoles[CONSOLES_MAX + 1];  /* aliases of devices that can be opened, default first */
	char displays[CONSOLES_MAX + 1];
};
struct msg_uuid { uint8_t uuid[UUID_SIZE]; };              /* DOMAIN_GONE, REFRESH */

/* -- a line and console -- */
struct msg_line_open { char alias[ALIAS_MAX + 1]; };
struct msg_line_failed {
	uint8_t line;                /* enum line_state: BUSY, NO_CONSOLE, FAILED, CLOSED (off) */
	char text[TEXT_MAX + 1];
};
struct msg_line_data { struct bytes data; };               /* DATA: from the guest, INPUT: to it */
struct msg_line_done { uint32_t count; };                  /* bytes of input that libvirt took */
struct msg_line_end { uint8_t stolen; char text[TEXT_MAX + 1]; };    /* the stream is over */

/*
 * -- console and its child that writes logs to disk --
 * The child is asked for nothing that it must answer but DISK_FIND. Console sends DATA
 * through a cursor of its own as long as fewer than a window of bytes are not DONE. An
 * offset that does not follow the last DATA of that log means that bytes were lost before it.
 */
struct msg_disk_setup {          /* the first message; again when the configuration changes */
	char directory[TEXT_MAX + 1];/* "": no logs */
	uint64_t size;               /* bytes of one file */
	uint32_t files;              /* of one console */
};
struct msg_disk_open {           /* a console, or its new epoch; also again after a rename */
	uint32_t log;                /* console's number for it */
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	char name[GUEST_MAX + 1];    /* for people: the files bear the UUID */
	char alias[ALIAS_MAX + 1];
	uint64_t epoch;
};
struct msg_disk_data {
	uint32_t log;
	uint64_t offset;             /* of its first byte */
	uint64_t time;               /* milliseconds since the epoch: it was printed then */
	struct bytes data;
};
/* Before the DATA that begins there; seconds since the epoch. */
struct msg_disk_boot { uint32_t log; uint64_t offset; uint64_t time; };
struct msg_disk_log { uint32_t log; };       /* CLOSE */
struct msg_disk_done { uint32_t count; };    /* bytes of DATA that were written, or given up */
struct msg_disk_find {           /* which files have what lies before that offset */
	uint32_t request;
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	char alias[ALIAS_MAX + 1];
	/*
	 * OFFSET, BOOT (0: the newest that began before the end), TIME, OLDEST, or LINES: back
	 * over so many ends of lines; what an epoch printed last ends one.
	 */
	struct position from;
	struct position until;       /* the same but LINES; NOW: the end */
	uint64_t epoch;              /* of the ring, and a byte of it: what is asked for ends there */
	uint64_t offset;
};
struct msg_disk_file {           /* + 2 fds; fields as in msg_log_file; then DISK_FOUND */
	uint32_t request;
	uint64_t epoch;
	uint64_t offset;
	uint64_t skip;
	uint64_t len;
	uint64_t time;
	uint64_t end;
};

/*
 * -- gate and its child that writes the audit --
 * The child says READY when it wants all of the state anew: at its start, and when what it
 * had could not be written.
 */
struct msg_record {
	uint32_t lost;               /* lines before this one that nobody sends any more */
	struct bytes line;           /* of the audit, without its LF; empty: none */
	uint8_t state;               /* enum record_state */
	struct bytes entry;          /* bytes for the state file */
};
enum record_state {
	RECORD_STATE_ADD,            /* entry goes to the end of what there is */
	RECORD_STATE_BEGIN,          /* a new file begins with entry; the old one stays until */
	RECORD_STATE_COMMIT,         /* the new one, entry at its end, takes its place */
};

/* One received message; what is in it depends on type. */
struct message {
	uint16_t type;
	unsigned nfds;
	int fds[MESSAGE_FDS_MAX];    /* a handler that keeps one sets its place to -1 */
	union {
		struct msg_log log;
		struct msg_hello hello;
		struct msg_config config;
		struct msg_key key;
		struct msg_sibling sibling;
		struct msg_conn conn;
		struct msg_refuse_config refuse_config;
		struct msg_conn_pid conn_pid;
		struct msg_conn_end conn_end;
		struct msg_login login;
		struct msg_identity identity;
		struct msg_ask_methods ask_methods;
		struct msg_methods methods;
		struct msg_ask_pam ask_pam;
		struct msg_prompt prompt;
		struct msg_answers answers;
		struct msg_ask_key ask_key;
		struct msg_auth_result auth_result;
		struct msg_visit_refused visit_refused;
		struct msg_list list;
		struct msg_guest guest;
		struct msg_guest_gone guest_gone;
		struct msg_list_end list_end;
		struct msg_info info;
		struct msg_peer peer;
		struct msg_attach attach;
		struct msg_attached attached;
		struct msg_refused refused;
		struct msg_handle handle;
		struct msg_data data;
		struct msg_output output;
		struct msg_credit credit;
		struct msg_state state;
		struct msg_keyboard keyboard;
		struct msg_lost lost;
		struct msg_watch_host watch_host;
		struct msg_open_line open_line;
		struct msg_host host;
		struct msg_domain domain;
		struct msg_uuid uuid;
		struct msg_line_open line_open;
		struct msg_line_failed line_failed;
		struct msg_line_data line_data;
		struct msg_line_done line_done;
		struct msg_line_end line_end;
		struct msg_tls tls;
		struct msg_audit audit;
		struct msg_ticket_make ticket_make;
		struct msg_ticket_made ticket_made;
		struct msg_ticket_find ticket_find;
		struct msg_ticket_found ticket_found;
		struct msg_ticket_drop ticket_drop;
		struct msg_request request;
		struct msg_void_login void_login;
		struct msg_void_ticket void_ticket;
		struct msg_tickets_moved tickets_moved;
		struct msg_token token;
		struct msg_credential credential;
		struct msg_secret secret;
		struct msg_replay replay;
		struct msg_replaying replaying;
		struct msg_stamp stamp;
		struct msg_boot boot;
		struct msg_act act;
		struct msg_act_done act_done;
		struct msg_kick kick;
		struct msg_visit_end visit_end;
		struct msg_log_file log_file;
		struct msg_ask_ticket ask_ticket;
		struct msg_ticket ticket;
		struct msg_revoke revoke;
		struct msg_do_act do_act;
		struct msg_act_result act_result;
		struct msg_disk_setup disk_setup;
		struct msg_disk_open disk_open;
		struct msg_disk_data disk_data;
		struct msg_disk_boot disk_boot;
		struct msg_disk_log disk_log;
		struct msg_disk_done disk_done;
		struct msg_disk_find disk_find;
		struct msg_disk_file disk_file;
		struct msg_record record;
	} u;
};

/*
 * Encodes the struct that belongs to type into out (MESSAGE_MAX bytes are always
 * enough). Its length, or -1: an unknown type, or bytes over their bound.
 */
int message_encode(uint8_t *out, size_t size, enum message_type type, const void *fields);

/*
 * Decodes one datagram: type and fields, every length checked, nothing left over, strings
 * free of NUL. 0, or -1. Leaves m->fds alone.
 */
int message_decode(struct message *m, const uint8_t *in, size_t len);

/* How many descriptors travel with it, and its name for the log. */
unsigned message_fds(enum message_type type);
const char *message_name(enum message_type type);

#endif
