// SPDX-License-Identifier: ISC
// What stands behind the # of the page's address: a guest, or a ticket. Pure.

const TICKET = "ticket=";

function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text; // typed by hand, with a % of its own
	}
}

// {guest, ticket}: either is "" where there is none.
export function readAddress(hash) {
	const text = hash.replace(/^#/, "");
	if (text.startsWith(TICKET)) return { guest: "", ticket: text.slice(TICKET.length) };
	return { guest: decode(text), ticket: "" };
}

// Slashes and colons of host/name:alias stay readable.
export function guestAddress(guest) {
	return "#" + encodeURIComponent(guest).replace(/%2F/g, "/").replace(/%3A/g, ":");
}

export function ticketAddress(page, token) {
	return page.replace(/#.*/, "") + "#" + TICKET + token;
}
