// SPDX-License-Identifier: ISC
// Who is on a console, and whom to let in by a link: windows of their own.

import { ticketAddress } from "./address.js";
import { announce } from "./announce.js";
import { copy } from "./clipboard.js";
import { ask, confirm, paragraph, show } from "./dialog.js";
import { button, element, field } from "./element.js";
import { cleanName } from "./words.js";

const valid = [
	["10 minutes", 600],
	["1 hour", 3600],
	["8 hours", 28800],
	["1 day", 86400],
	["7 days", 604800],
];

function timeOf(seconds) {
	return new Date(seconds * 1000).toLocaleString([], {
		dateStyle: "medium",
		timeStyle: "short",
	});
}

function row(cells, ...more) {
	return element(
		"tr",
		{},
		...cells.map((text) => element("td", {}, text)),
		element("td", {}, ...more),
	);
}

function table(caption, heads, rows) {
	return element(
		"table",
		{},
		element("caption", {}, caption),
		element(
			"thead",
			{},
			element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))),
		),
		element("tbody", {}, ...rows),
	);
}

// -- who is here --

function does(peer) {
	return peer.keyboard ? "has the keyboard" : peer.read_only ? "watches only" : "watches";
}

async function kick(attachment, peer, line) {
	try {
		await attachment.session.ask({ type: "kick", who: peer.id });
		line.remove();
	} catch (refusal) {
		announce(refusal.message);
		line.lastChild.replaceChildren(refusal.message);
	}
}

function peerRow(attachment, peer) {
	const user = cleanName(peer.user) + (peer.you ? " (you)" : "");
	const way = peer.endpoint === "web" ? "browser" : "ssh";
	const from = peer.peer ? `${way}, ${peer.peer}` : way;
	const line = row([user, from, timeOf(peer.since), does(peer)]);
	if (attachment.may("kick") && !peer.you)
		line.lastChild.append(
			button("Kick", () => kick(attachment, peer, line), {
				"class": "risky",
				"aria-label": `Kick ${user}`,
			}),
		);
	return line;
}

export async function showWho(attachment) {
	const peers = await attachment.who();
	if (!peers.length) {
		attachment.ears.notice("nobody can be listed now", false);
		return;
	}
	await show(
		`Who is here: ${attachment.label}`,
		table(
			"Viewers of this console",
			["User", "From", "Since", "Does", "Act"],
			peers.map((peer) => peerRow(attachment, peer)),
		),
	);
}

// -- links --

function ticketRow(session, ticket) {
	const kind = [
		ticket.may_type ? "may type" : "watches",
		ticket.once ? "once" : `used ${ticket.uses}×`,
	];
	const line = row([
		cleanName(ticket.guest),
		kind.join(", "),
		`until ${timeOf(ticket.until)}`,
	]);
	line.lastChild.append(
		button(
			"Revoke",
			async () => {
				try {
					await session.ask({ type: "revoke", id: ticket.id });
					line.remove();
					announce("revoked");
				} catch (refusal) {
					line.lastChild.replaceChildren(refusal.message);
				}
			},
			{ "aria-label": `Revoke the link ${ticket.id} for ${cleanName(ticket.guest)}` },
		),
	);
	return line;
}

async function showLink(attachment, ticket) {
	const page = attachment.session.hello.public_url;
	const link = ticketAddress(page ? page + "/" : window.location.href, ticket.token);
	const input = element("input", {
		type: "text",
		readonly: true,
		value: link,
		onfocus: () => input.select(),
	});
	const done = element("span", { role: "status" });
	const place = field("Whoever has this link gets in", input);
	place.classList.add("wide");
	await show(
		`A link to ${attachment.label}`,
		place,
		button(
			"Copy",
			async () => {
				done.textContent = (await copy(link)) ? "copied" : "select it and copy it";
			},
			{ class: "main" },
		),
		done,
		paragraph(
			`Good until ${timeOf(ticket.until)}${ticket.once ? ", for one use" : ""}. ` +
				(ticket.may_type ? "It lets type, too." : "It lets watch only."),
		),
	);
}

export async function showShare(attachment) {
	const { session } = attachment;
	const mayType = element("input", { type: "checkbox" });
	const once = element("input", { type: "checkbox" });
	const time = element(
		"select",
		{},
		...valid.map(([text, value]) => element("option", { value }, text)),
	);
	const mine = await session.ask({ type: "ask_tickets" }).catch(() => []);
	const rows = mine.filter((t) => t.type === "ticket").map((t) => ticketRow(session, t));
	const yes = await ask(
		`Share ${attachment.label}`,
		[
			paragraph("Make a link that opens this guest's console without a login."),
			field("Good for", time),
			field("May type", mayType),
			field("For one use only", once),
			rows.length
				? table("Your links", ["Guest", "What it lets do", "Valid", "Act"], rows)
				: paragraph(""),
		],
		[
			{ text: "Make a link", value: true, isMain: true },
			{ text: "Close", value: null },
		],
	);
	if (!yes) return;
	try {
		const [ticket] = await session.ask({
			type: "ask_ticket",
			guest: attachment.info.uuid,
			may_type: mayType.checked,
			once: once.checked,
			valid: Number(time.value),
		});
		await showLink(attachment, ticket);
	} catch (refusal) {
		attachment.ears.notice(refusal.message, false);
	}
}

export async function askLogout(session) {
	const open = [...session.consoles].filter((c) => c.status !== "over").length;
	if (
		!open ||
		(await confirm(
			"Log out?",
			`${open === 1 ? "A console is" : `${open} consoles are`} open.`,
			"Log out",
		))
	)
		session.logout();
}
