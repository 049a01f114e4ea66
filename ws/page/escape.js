// SPDX-License-Identifier: ISC
// The escape key, as over SSH: ^] and a key of the table. Pure.

// brief: for the reminder; help: for the help; a row without help is another key for the one before.
export const escapeKeys = [
	{ key: ".", act: "leave", brief: "leave", help: "leave the console, to the list" },
	{ key: "q", act: "leave" },
	{ key: "d", act: "leave" },
	{ key: "m", act: "list", brief: "menu", help: "to the list; the console stays in its tab" },
	{ key: "w", act: "who", help: "who is here" },
	{ key: "t", act: "take", brief: "take", help: "take the keyboard" },
	{ key: "g", act: "give", help: "give the keyboard up" },
	{ key: "f", act: "force", help: "take the console from somebody outside (virsh console)" },
	{ key: "b", act: "break", help: "send BREAK" },
	{ key: "s", act: "sysrq", help: "Magic SysRq: asks for its key" },
	{
		key: "p",
		act: "power",
		brief: "power",
		help: "power: then o on, s shut down, r reboot, x reset, f off, n NMI",
	},
	{ key: "r", act: "replay", brief: "replay", help: "show the last 60 lines again" },
	{ key: "R", act: "replayBoot", help: "show all of this boot again" },
	{ key: "z", act: "size", help: "type the window's size to the guest: asks first" },
	{ key: "?", act: "help", brief: "help", help: "this page" },
	{ key: "h", act: "help" },
];

// What a terminal answers by itself is not a key, even while the escape is armed.
const REPORT = /^\x1b(\[[?>=]?[\d;]*(c|n|R|t|I|O|\$y)|\[<[\d;]+[mM]|[P\]])/;

export class Escape {
	// code: the character's, null none
	constructor(code) {
		this.character = code === null ? null : String.fromCharCode(code);
		this.isArmed = false;
	}

	get name() {
		if (!this.character) return "";
		const code = this.character.charCodeAt(0);
		return code < 32 ? "^" + String.fromCharCode(code + 64) : this.character;
	}

	/*
	 * What came from the keyboard, as a list: {text} for the guest; {act} of escapeKeys;
	 * {act: "armed"}, "cancelled" or "unknown".
	 */
	feed(text) {
		const out = [];
		if (!this.character || (REPORT.test(text) && !text.includes(this.character)))
			return [{ text }];
		let plain = "";
		for (const [i, c] of Array.from(text).entries()) {
			if (this.isArmed) {
				const ends = this.after(c, i === 0 ? text : c);
				this.isArmed = false;
				out.push(ends);
				// An arrow key or its like is unknown as a whole.
				if (ends.act === "unknown" && text.startsWith("\x1b")) return out;
			} else if (c === this.character) {
				if (plain) out.push({ text: plain });
				plain = "";
				this.isArmed = true;
				out.push({ act: "armed" });
			} else {
				plain += c;
			}
		}
		if (plain) out.push({ text: plain });
		return out;
	}

	after(c, text) {
		if (c === this.character) return { text: c };
		if (text === "\x1b") return { act: "cancelled" };
		const row = escapeKeys.find((k) => k.key === c);
		return { act: row ? row.act : "unknown" };
	}
}

export function reminder(name) {
	const keys = escapeKeys.filter((k) => k.brief).map((k) => `${k.key} ${k.brief}`);
	return `${name} then ${keys.join(", ")}, ${name} sends ${name}`;
}

// [keys, what they do] for each row of the help.
export function helpRows(name) {
	const rows = [];
	for (const k of escapeKeys) {
		if (k.help) rows.push([k.key, k.help]);
		else rows[rows.length - 1][0] += " " + k.key;
	}
	return [...rows, [name, `send one ${name} to the guest`], ["Esc", "nothing"]];
}
