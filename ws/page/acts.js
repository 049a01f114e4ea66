// SPDX-License-Identifier: ISC
// What is done to a guest from its console's bar: power, BREAK, SysRq; with a question first
// where something could be lost, and the answer told.

import { ask, confirm, paragraph, show } from "./dialog.js";
import { element, field } from "./element.js";

// In the order of the menu. key: after ^] p; question: asked before.
export const powerActs = [
	{ act: "start", key: "o", text: "Start", question: "" },
	{
		act: "shutdown",
		key: "s",
		text: "Shut down",
		question: "The guest is asked to shut down.",
	},
	{ act: "reboot", key: "r", text: "Reboot", question: "The guest is asked to reboot." },
	{
		act: "reset",
		key: "x",
		text: "Reset",
		isRisky: true,
		question: "As its reset button would: what it has not written is lost.",
	},
	{
		act: "poweroff",
		key: "f",
		text: "Force off",
		isRisky: true,
		question: "As pulling its plug would: what it has not written is lost.",
	},
	{
		act: "nmi",
		key: "n",
		text: "Send NMI",
		isRisky: true,
		question: "Many systems crash on purpose at a non-maskable interrupt.",
	},
];

// SysRq keys that end what runs; with what they do.
const risky = {
	b: "reboots at once, without writing anything",
	c: "crashes the kernel",
	o: "powers off at once",
	e: "ends all processes",
	i: "kills all processes",
};
const usual =
	"h help, s sync, u remount read-only, t tasks, m memory, w blocked tasks, b reboot, c crash";

async function perform(attachment, message) {
	try {
		const [done] = (await attachment.session.ask({ type: "act", ...message })).slice(-1);
		attachment.ears.notice(done.text, false);
		if (done.detail) await show(done.text, element("pre", { tabindex: "0" }, done.detail));
	} catch (refusal) {
		attachment.ears.notice(refusal.message, false);
	}
}

export async function power(attachment, row) {
	if (
		row.question &&
		!(await confirm(
			`${row.text}: ${attachment.label}?`,
			row.question,
			row.text,
			row.isRisky,
		))
	)
		return;
	await perform(attachment, { guest: attachment.info.uuid, act: row.act });
}

// Power by ^] p: which of them?
export async function choosePower(attachment) {
	const act = await ask(
		`Power: ${attachment.label}`,
		[],
		[
			...powerActs.map((row) => ({
				text: `${row.text} (${row.key})`,
				value: row,
				isRisky: row.isRisky,
				key: row.key,
			})),
			{ text: "Cancel", value: null, isFirst: true },
		],
	);
	if (act) await power(attachment, act);
}

export function sendBreak(attachment) {
	return perform(attachment, { guest: attachment.target, act: "break" });
}

export async function sysrq(attachment) {
	const input = element("input", {
		type: "text",
		maxlength: "1",
		pattern: "[0-9a-zA-Z]",
		required: true,
		autocomplete: "off",
		autocapitalize: "none",
		size: "2",
	});
	const yes = await ask(
		`Magic SysRq: ${attachment.label}`,
		[field("Key", input), paragraph(usual)],
		[
			{ text: "Send", value: true, isMain: true },
			{ text: "Cancel", value: null },
		],
	);
	const key = input.value.toLowerCase();
	if (!yes || !/^[0-9a-z]$/.test(key)) return;
	if (
		risky[key] &&
		!(await confirm(
			`SysRq ${key}: ${attachment.label}?`,
			`This ${risky[key]}.`,
			"Send",
			true,
		))
	)
		return;
	await perform(attachment, { guest: attachment.info.uuid, act: "sysrq", key });
}

export async function addSerial(attachment) {
	const text =
		"A serial console is added to the guest's definition. It is there once the guest " +
		"has been shut down and started again.";
	if (await confirm(`Add a serial console: ${attachment.label}?`, text, "Add"))
		await perform(attachment, { guest: attachment.info.uuid, act: "add-serial" });
}
