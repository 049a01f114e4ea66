// SPDX-License-Identifier: ISC
// What stands behind the # of the page's address: a guest, or a ticket. Pure.

const TICKET = "ticket=";
// What the gateway takes: beyond it, or with a NUL, a message would break its rules.
const GUEST_BYTES = 511;
const TICKET_LENGTH = 64;

function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text; // typed by hand, with a % of its own
	}
}

function isGuest(text) {
	return !text.includes("\0") && new TextEncoder().encode(text).length <= GUEST_BYTES;
}

// {guest, ticket}: either is "" where there is none, and a guest that cannot be is none.
export function readAddress(hash) {
	const text = hash.replace(/^#/, "");
	if (text.startsWith(TICKET)) {
		const ticket = text.slice(TICKET.length, TICKET.length + TICKET_LENGTH);
		return { guest: "", ticket };
	}
	const guest = decode(text);
	return { guest: isGuest(guest) ? guest : "", ticket: "" };
}

// Slashes and colons of host/name:alias stay readable.
export function guestAddress(guest) {
	return "#" + encodeURIComponent(guest).replace(/%2F/g, "/").replace(/%3A/g, ":");
}

export function ticketAddress(page, token) {
	return page.replace(/#.*/, "") + "#" + TICKET + token;
}
