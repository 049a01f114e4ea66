/* SPDX-License-Identifier: ISC */
/* See message_rows.h: what each message carries, in the order of the wire. Data alone. */
#include "ipc/message_rows.h"

#include "ipc/message.h"

/* A field whose member has another size than its kind does not compile. */
#define SIZED(type, member, want) (offsetof(type, member) + 0 * sizeof(char[ \
	sizeof(((type *)0)->member) == (want) ? 1 : -1]))
#define U8(type, member)   { FIELD_U8, SIZED(struct type, member, 1), 0 }
#define U16(type, member)  { FIELD_U16, SIZED(struct type, member, 2), 0 }
#define U32(type, member)  { FIELD_U32, SIZED(struct type, member, 4), 0 }
#define U64(type, member)  { FIELD_U64, SIZED(struct type, member, 8), 0 }
#define UUID(type, member) { FIELD_UUID, SIZED(struct type, member, UUID_SIZE), 0 }
#define STR(type, member)  { FIELD_STR, offsetof(struct type, member), \
	sizeof(((struct type *)0)->member) - 1 }
#define POSITION(type, member) \
	U8(type, member.kind), U64(type, member.epoch), /* NOLINT(bugprone-macro-parentheses) */ \
	U64(type, member.value)                         /* NOLINT(bugprone-macro-parentheses) */
#define BYTES(type, member, max) { FIELD_BYTES, \
	SIZED(struct type, member, sizeof(struct bytes)), max }

static const struct field log_fields[] = { U8(msg_log, priority), STR(msg_log, text) };
static const struct field hello_fields[] = {
	U8(msg_hello, role), U8(msg_hello, drop), U32(msg_hello, uid), U32(msg_hello, gid),
	BYTES(msg_hello, groups, 4096),
};
static const struct field config_fields[] = {
	STR(msg_config, section), STR(msg_config, name), STR(msg_config, key),
	BYTES(msg_config, value, 8192),
};
static const struct field key_fields[] = { BYTES(msg_key, text, KEY_TEXT_MAX) };
static const struct field sibling_fields[] = { U8(msg_sibling, role) };
static const struct field conn_fields[] = {
	U64(msg_conn, conn), U8(msg_conn, endpoint), U8(msg_conn, plain),
	STR(msg_conn, peer), U16(msg_conn, port),
};
static const struct field refuse_config_fields[] = { STR(msg_refuse_config, text) };
static const struct field conn_pid_fields[] = { U64(msg_conn_pid, conn), U32(msg_conn_pid, pid) };
static const struct field conn_end_fields[] = { U64(msg_conn_end, conn) };
static const struct field login_fields[] = {
	U64(msg_login, conn), U8(msg_login, ok), U8(msg_login, endpoint), STR(msg_login, peer),
	STR(msg_login, user), STR(msg_login, method),
};
static const struct field identity_fields[] = {
	U64(msg_identity, conn), U8(msg_identity, endpoint), STR(msg_identity, user),
	STR(msg_identity, peer), STR(msg_identity, method),
	BYTES(msg_identity, groups, 32768), STR(msg_identity, ticket),
	STR(msg_identity, ticket_host), UUID(msg_identity, ticket_uuid),
	U8(msg_identity, ticket_type), U64(msg_identity, ticket_until),
};
static const struct field ask_methods_fields[] = { STR(msg_ask_methods, user) };
static const struct field methods_fields[] = { STR(msg_methods, methods) };
static const struct field ask_pam_fields[] = { STR(msg_ask_pam, user), STR(msg_ask_pam, method) };
static const struct field prompt_fields[] = {
	BYTES(msg_prompt, instruction, 20000), U8(msg_prompt, count),
	BYTES(msg_prompt, prompts, 20000),
};
static const struct field answers_fields[] = {
	U8(msg_answers, count), BYTES(msg_answers, answers, 20000),
};
static const struct field ask_key_fields[] = {
	STR(msg_ask_key, user), STR(msg_ask_key, algorithm), BYTES(msg_ask_key, blob, 8192),
	U8(msg_ask_key, is_signed),
};
static const struct field auth_result_fields[] = {
	U8(msg_auth_result, result), STR(msg_auth_result, methods), STR(msg_auth_result, user),
	BYTES(msg_auth_result, text, 20000),
};
static const struct field visit_refused_fields[] = { STR(msg_visit_refused, text) };
static const struct field list_fields[] = { U8(msg_list, watch) };
static const struct field guest_fields[] = {
	UUID(msg_guest, uuid), STR(msg_guest, host), STR(msg_guest, name), U8(msg_guest, unique),
	U8(msg_guest, state), U16(msg_guest, viewers), STR(msg_guest, holder),
	STR(msg_guest, consoles), STR(msg_guest, displays),
};
static const struct field guest_gone_fields[] = {
	UUID(msg_guest_gone, uuid), STR(msg_guest_gone, host),
};
static const struct field list_end_fields[] = {
	U16(msg_list_end, hidden), STR(msg_list_end, down),
};
static const struct field info_fields[] = {
	U32(msg_info, handle), STR(msg_info, guest), U8(msg_info, prefix),
	U8(msg_info, probe),
};
static const struct field peer_fields[] = {
	U32(msg_peer, handle), U64(msg_peer, id), STR(msg_peer, host),
	STR(msg_peer, guest), U8(msg_peer, unique), STR(msg_peer, alias),
	STR(msg_peer, user), STR(msg_peer, peer), U8(msg_peer, endpoint),
	U8(msg_peer, keyboard), U8(msg_peer, read_only), U8(msg_peer, you),
	U64(msg_peer, since),
};
static const struct field attach_fields[] = {
	U32(msg_attach, handle), STR(msg_attach, guest), STR(msg_attach, device),
	U32(msg_attach, flags), POSITION(msg_attach, from), POSITION(msg_attach, until),
};
static const struct field attached_fields[] = {
	U32(msg_attached, handle), UUID(msg_attached, uuid), STR(msg_attached, host),
	STR(msg_attached, name), U8(msg_attached, unique), STR(msg_attached, alias),
	U64(msg_attached, epoch), U64(msg_attached, offset), U64(msg_attached, head),
	U64(msg_attached, until), U64(msg_attached, missed), U8(msg_attached, from),
	U8(msg_attached, may), U8(msg_attached, may_type), U16(msg_attached, viewers),
	U8(msg_attached, output_seen), U8(msg_attached, logged),
};
static const struct field refused_fields[] = {
	U32(msg_refused, handle), U8(msg_refused, code), STR(msg_refused, text),
};
static const struct field handle_fields[] = { U32(msg_handle, handle) };
static const struct field data_fields[] = {
	U32(msg_data, handle), BYTES(msg_data, data, INPUT_WINDOW),
};
static const struct field output_fields[] = {
	U32(msg_output, handle), U64(msg_output, offset), BYTES(msg_output, data, MESSAGE_DATA_MAX),
};
static const struct field credit_fields[] = { U32(msg_credit, handle), U32(msg_credit, count) };
static const struct field state_fields[] = {
	U32(msg_state, handle), U8(msg_state, guest), U8(msg_state, line), U8(msg_state, host_up),
	U32(msg_state, run), U32(msg_state, resets), U8(msg_state, gone), STR(msg_state, text),
	U8(msg_state, cause), STR(msg_state, host), STR(msg_state, name), U8(msg_state, unique),
};
static const struct field keyboard_fields[] = {
	U32(msg_keyboard, handle), U8(msg_keyboard, yours), U8(msg_keyboard, held),
	U8(msg_keyboard, denied), U8(msg_keyboard, cause), STR(msg_keyboard, holder), STR(msg_keyboard, holder_peer),
	STR(msg_keyboard, by),
};
static const struct field lost_fields[] = {
	U32(msg_lost, handle), U8(msg_lost, cause), U32(msg_lost, count),
};
static const struct field watch_host_fields[] = { STR(msg_watch_host, host) };
static const struct field open_line_fields[] = {
	STR(msg_open_line, host), UUID(msg_open_line, uuid), STR(msg_open_line, alias),
	U8(msg_open_line, force),
};
static const struct field host_fields[] = { U8(msg_host, up), STR(msg_host, text) };
static const struct field domain_fields[] = {
	UUID(msg_domain, uuid), STR(msg_domain, name), U8(msg_domain, state), U32(msg_domain, id),
	U8(msg_domain, reset), U8(msg_domain, cause), STR(msg_domain, consoles),
	STR(msg_domain, displays),
};
static const struct field uuid_fields[] = { UUID(msg_uuid, uuid) };
static const struct field line_open_fields[] = { STR(msg_line_open, alias) };
static const struct field line_failed_fields[] = {
	U8(msg_line_failed, line), STR(msg_line_failed, text),
};
static const struct field line_data_fields[] = { BYTES(msg_line_data, data, MESSAGE_DATA_MAX) };
static const struct field line_done_fields[] = { U32(msg_line_done, count) };
static const struct field line_end_fields[] = { U8(msg_line_end, stolen), STR(msg_line_end, text) };

static const struct field tls_fields[] = {
	BYTES(msg_tls, chain, TLS_CHAIN_MAX), BYTES(msg_tls, key, TLS_KEY_MAX),
};
static const struct field audit_fields[] = {
	U8(msg_audit, event), U8(msg_audit, ok), U64(msg_audit, attachment),
	U64(msg_audit, conn), U8(msg_audit, endpoint), STR(msg_audit, user),
	STR(msg_audit, peer), STR(msg_audit, method), STR(msg_audit, host),
	STR(msg_audit, guest), UUID(msg_audit, uuid), STR(msg_audit, alias),
	U64(msg_audit, bytes_to_guest), U64(msg_audit, bytes_from_guest),
	STR(msg_audit, detail),
};
static const struct field ticket_make_fields[] = {
	U32(msg_ticket_make, request), STR(msg_ticket_make, user),
	STR(msg_ticket_make, host), UUID(msg_ticket_make, uuid),
	STR(msg_ticket_make, guest), U8(msg_ticket_make, type), U8(msg_ticket_make, once),
	U32(msg_ticket_make, valid),
};
static const struct field ticket_made_fields[] = {
	U32(msg_ticket_made, request), STR(msg_ticket_made, id),
	STR(msg_ticket_made, token), STR(msg_ticket_made, text),
};
static const struct field ticket_find_fields[] = {
	U32(msg_ticket_find, request), STR(msg_ticket_find, user),
};
static const struct field ticket_found_fields[] = {
	U32(msg_ticket_found, request), STR(msg_ticket_found, id),
	STR(msg_ticket_found, guest), U8(msg_ticket_found, type),
	U8(msg_ticket_found, once), U32(msg_ticket_found, uses),
	U64(msg_ticket_found, until),
};
static const struct field ticket_drop_fields[] = {
	U32(msg_ticket_drop, request), STR(msg_ticket_drop, user),
	STR(msg_ticket_drop, id),
};
static const struct field request_fields[] = { U32(msg_request, request) };
static const struct field tickets_moved_fields[] = {
	UUID(msg_tickets_moved, uuid), STR(msg_tickets_moved, from), STR(msg_tickets_moved, to),
};
static const struct field void_login_fields[] = { U64(msg_void_login, conn) };
static const struct field void_ticket_fields[] = { STR(msg_void_ticket, id) };
static const struct field token_fields[] = {
	STR(msg_token, token), U32(msg_token, idle), U32(msg_token, total),
};
static const struct field credential_fields[] = {
	U8(msg_credential, ok), STR(msg_credential, user), STR(msg_credential, ticket),
	STR(msg_credential, ticket_host), UUID(msg_credential, ticket_uuid),
	U8(msg_credential, ticket_type), U64(msg_credential, ticket_until),
};
static const struct field secret_fields[] = { STR(msg_secret, token) };
static const struct field replay_fields[] = {
	U32(msg_replay, handle), POSITION(msg_replay, from),
};
static const struct field replaying_fields[] = {
	U32(msg_replaying, handle), U64(msg_replaying, offset), U64(msg_replaying, head),
	U64(msg_replaying, missed), U8(msg_replaying, logged),
};
static const struct field stamp_fields[] = {
	U32(msg_stamp, handle), U64(msg_stamp, offset), U64(msg_stamp, time),
};
static const struct field boot_fields[] = {
	U32(msg_boot, handle), U64(msg_boot, offset), U64(msg_boot, time),
};
static const struct field act_fields[] = {
	U32(msg_act, handle), STR(msg_act, guest), U8(msg_act, act), U8(msg_act, key),
};
static const struct field act_done_fields[] = {
	U32(msg_act_done, handle), STR(msg_act_done, text),
	BYTES(msg_act_done, detail, ACT_DETAIL_MAX),
};
static const struct field kick_fields[] = { U32(msg_kick, handle), STR(msg_kick, who) };
static const struct field visit_end_fields[] = { STR(msg_visit_end, text) };
static const struct field log_file_fields[] = {
	U32(msg_log_file, handle), U64(msg_log_file, epoch), U64(msg_log_file, offset),
	U64(msg_log_file, skip), U64(msg_log_file, len), U64(msg_log_file, time),
	U64(msg_log_file, end),
};
static const struct field ask_ticket_fields[] = {
	U32(msg_ask_ticket, handle), STR(msg_ask_ticket, guest), U8(msg_ask_ticket, type),
	U8(msg_ask_ticket, once), U32(msg_ask_ticket, valid),
};
static const struct field ticket_fields[] = {
	U32(msg_ticket, handle), STR(msg_ticket, id), STR(msg_ticket, token),
	STR(msg_ticket, guest), U8(msg_ticket, type), U8(msg_ticket, once),
	U32(msg_ticket, uses), U64(msg_ticket, until),
};
static const struct field revoke_fields[] = {
	U32(msg_revoke, handle), STR(msg_revoke, id),
};
static const struct field do_act_fields[] = {
	STR(msg_do_act, host), UUID(msg_do_act, uuid), STR(msg_do_act, alias),
	U8(msg_do_act, act), U8(msg_do_act, key), U8(msg_do_act, paused),
};
static const struct field act_result_fields[] = {
	U8(msg_act_result, code), U8(msg_act_result, paused), STR(msg_act_result, text),
	BYTES(msg_act_result, detail, ACT_DETAIL_MAX),
};
static const struct field disk_setup_fields[] = {
	STR(msg_disk_setup, directory), U64(msg_disk_setup, size), U32(msg_disk_setup, files),
};
static const struct field disk_open_fields[] = {
	U32(msg_disk_open, log), UUID(msg_disk_open, uuid), STR(msg_disk_open, host),
	STR(msg_disk_open, name), STR(msg_disk_open, alias), U64(msg_disk_open, epoch),
};
static const struct field disk_data_fields[] = {
	U32(msg_disk_data, log), U64(msg_disk_data, offset), U64(msg_disk_data, time),
	BYTES(msg_disk_data, data, MESSAGE_DATA_MAX),
};
static const struct field disk_boot_fields[] = {
	U32(msg_disk_boot, log), U64(msg_disk_boot, offset), U64(msg_disk_boot, time),
};
static const struct field disk_log_fields[] = { U32(msg_disk_log, log) };
static const struct field disk_done_fields[] = { U32(msg_disk_done, count) };
static const struct field disk_find_fields[] = {
	U32(msg_disk_find, request), UUID(msg_disk_find, uuid), STR(msg_disk_find, host),
	STR(msg_disk_find, alias), POSITION(msg_disk_find, from), POSITION(msg_disk_find, until),
	U64(msg_disk_find, epoch), U64(msg_disk_find, offset),
};
static const struct field disk_file_fields[] = {
	U32(msg_disk_file, request), U64(msg_disk_file, epoch), U64(msg_disk_file, offset),
	U64(msg_disk_file, skip), U64(msg_disk_file, len), U64(msg_disk_file, time),
	U64(msg_disk_file, end),
};

static const struct field record_fields[] = {
	U32(msg_record, lost), BYTES(msg_record, line, RECORD_LINE_MAX), U8(msg_record, state),
	BYTES(msg_record, entry, RECORD_ENTRY_MAX),
};

#define ROW(type, fds, fields) \
	[MSG_##type] = { #type, fds, fields, sizeof(fields) / sizeof((fields)[0]) }
#define EMPTY(type, fds) [MSG_##type] = { #type, fds, NULL, 0 }

const struct message_row message_rows[MSG_TYPE_COUNT] = {
	ROW(LOG, 0, log_fields),
	ROW(HELLO, 0, hello_fields),
	ROW(CONFIG, 0, config_fields),
	EMPTY(CONFIG_END, 0),
	ROW(KEY, 0, key_fields),
	ROW(TLS, 0, tls_fields),
	ROW(SIBLING, 1, sibling_fields),
	ROW(DOOR, 1, conn_fields),
	ROW(CONN, 2, conn_fields),
	EMPTY(READY, 0),
	ROW(REFUSE_CONFIG, 0, refuse_config_fields),
	ROW(CONN_PID, 0, conn_pid_fields),
	ROW(CONN_END, 0, conn_end_fields),
	ROW(LOGIN, 0, login_fields),
	ROW(AUDIT, 0, audit_fields),
	ROW(IDENTITY, 1, identity_fields),
	ROW(TICKET_MAKE, 0, ticket_make_fields),
	ROW(TICKET_MADE, 0, ticket_made_fields),
	ROW(TICKET_FIND, 0, ticket_find_fields),
	ROW(TICKET_FOUND, 0, ticket_found_fields),
	ROW(TICKETS_END, 0, request_fields),
	ROW(TICKET_DROP, 0, ticket_drop_fields),
	ROW(VOID_LOGIN, 0, void_login_fields),
	ROW(VOID_TICKET, 0, void_ticket_fields),
	ROW(ASK_METHODS, 0, ask_methods_fields),
	ROW(METHODS, 0, methods_fields),
	ROW(ASK_PAM, 0, ask_pam_fields),
	ROW(PROMPT, 0, prompt_fields),
	ROW(ANSWERS, 0, answers_fields),
	ROW(ASK_KEY, 0, ask_key_fields),
	ROW(AUTH_RESULT, 0, auth_result_fields),
	EMPTY(ASK_VISIT, 0),
	EMPTY(VISIT, 1),
	ROW(VISIT_REFUSED, 0, visit_refused_fields),
	EMPTY(ASK_TOKEN, 0),
	ROW(TOKEN, 0, token_fields),
	ROW(RESUME, 0, secret_fields),
	ROW(USE_TICKET, 0, secret_fields),
	EMPTY(LOGOUT, 0),
	ROW(CREDENTIAL, 0, credential_fields),
	ROW(LIST, 0, list_fields),
	ROW(GUEST, 0, guest_fields),
	ROW(GUEST_GONE, 0, guest_gone_fields),
	ROW(LIST_END, 0, list_end_fields),
	ROW(INFO, 0, info_fields),
	ROW(PEER, 0, peer_fields),
	ROW(INFO_END, 0, handle_fields),
	ROW(ATTACH, 0, attach_fields),
	ROW(ATTACHED, 0, attached_fields),
	ROW(REFUSED, 0, refused_fields),
	ROW(DETACH, 0, handle_fields),
	ROW(DETACHED, 0, handle_fields),
	ROW(INPUT, 0, data_fields),
	ROW(CREDIT, 0, credit_fields),
	ROW(OUTPUT, 0, output_fields),
	ROW(STATE, 0, state_fields),
	ROW(KEYBOARD, 0, keyboard_fields),
	ROW(LOST, 0, lost_fields),
	ROW(TAKE, 0, handle_fields),
	ROW(GIVE, 0, handle_fields),
	ROW(WHO, 0, handle_fields),
	ROW(WHO_END, 0, handle_fields),
	ROW(FORCE, 0, handle_fields),
	ROW(REPLAY, 0, replay_fields),
	ROW(REPLAYING, 0, replaying_fields),
	ROW(STAMP, 0, stamp_fields),
	ROW(BOOT, 0, boot_fields),
	ROW(ASK_WHO, 0, info_fields),
	ROW(ACT, 0, act_fields),
	ROW(ACT_DONE, 0, act_done_fields),
	ROW(KICK, 0, kick_fields),
	ROW(VISIT_END, 0, visit_end_fields),
	ROW(LOG_FILE, 2, log_file_fields),
	ROW(ASK_TICKET, 0, ask_ticket_fields),
	ROW(TICKET, 0, ticket_fields),
	ROW(ASK_TICKETS, 0, handle_fields),
	ROW(REVOKE, 0, revoke_fields),
	ROW(WATCH_HOST, 1, watch_host_fields),
	ROW(OPEN_LINE, 1, open_line_fields),
	ROW(DO_ACT, 1, do_act_fields),
	ROW(HOST, 0, host_fields),
	ROW(DOMAIN, 0, domain_fields),
	ROW(DOMAIN_GONE, 0, uuid_fields),
	EMPTY(DOMAINS_END, 0),
	ROW(REFRESH, 0, uuid_fields),
	ROW(LINE_OPEN, 0, line_open_fields),
	ROW(LINE_FAILED, 0, line_failed_fields),
	ROW(LINE_DATA, 0, line_data_fields),
	ROW(LINE_INPUT, 0, line_data_fields),
	ROW(LINE_DONE, 0, line_done_fields),
	ROW(LINE_END, 0, line_end_fields),
	ROW(ACT_RESULT, 0, act_result_fields),
	ROW(DISK_SETUP, 0, disk_setup_fields),
	ROW(DISK_OPEN, 0, disk_open_fields),
	ROW(DISK_DATA, 0, disk_data_fields),
	ROW(DISK_BOOT, 0, disk_boot_fields),
	ROW(DISK_CLOSE, 0, disk_log_fields),
	ROW(DISK_DONE, 0, disk_done_fields),
	ROW(DISK_FIND, 0, disk_find_fields),
	ROW(DISK_FILE, 2, disk_file_fields),
	ROW(DISK_FOUND, 0, request_fields),
	ROW(RECORD, 0, record_fields),
	EMPTY(DISK_LINK, 1),
	ROW(TICKETS_MOVED, 0, tickets_moved_fields),
	EMPTY(AWAKE, 1),
};
