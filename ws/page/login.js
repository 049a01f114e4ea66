// SPDX-License-Identifier: ISC
// The login: a name, then whatever the gateway asks, round by round; and what there is to say
// while there is no link.

import { announce } from "./announce.js";
import { button, element, field } from "./element.js";

/*
 * What a prompt is for, so that a password manager can fill it in. The first row whose words
 * are in the prompt counts; a prompt that is not shown as one types is a password.
 */
const purposes = [
	[/\b(new|retype|again)\b.*password|new password/i, "new-password"],
	[/code|otp|token|verification|one.time|passcode|\bpin\b/i, "one-time-code"],
	[/password|passphrase/i, "current-password"],
	[/login|user/i, "username"],
];

function purposeOf(prompt) {
	const row = purposes.find(([words]) => words.test(prompt.text));
	return row ? row[1] : prompt.echo ? "off" : "current-password";
}

function inputFor(prompt) {
	const purpose = purposeOf(prompt);
	return element("input", {
		type: prompt.echo ? "text" : "password",
		autocomplete: purpose,
		name: purpose,
		autocapitalize: "none",
		spellcheck: "false",
		maxlength: "511",
		inputmode: purpose === "one-time-code" ? "text" : null,
	});
}

export class LoginView {
	constructor(session) {
		this.session = session;
		this.body = element("div", { class: "rounds" });
		this.element = element(
			"main",
			{ class: "login" },
			element("h1", {}, "serialgate"),
			element("p", { class: "lead" }, "Serial consoles of virtual machines"),
			this.body,
		);
		this.user = element("input", {
			type: "text",
			name: "username",
			autocomplete: "username",
			autocapitalize: "none",
			spellcheck: "false",
			required: true,
			maxlength: "255",
		});
	}

	// Phases of the session; see session.js.
	show(phase, detail) {
		const make = {
			connecting: () => this.wait("Connecting to the gateway …"),
			checking: () => this.wait("Checking …"),
			down: () => this.wait("The gateway does not answer. Trying again …"),
			user: () => this.askUser(detail),
			prompt: () => this.askPrompts(detail),
			over: () => this.end(detail),
		}[phase];
		if (make) make();
	}

	set(...children) {
		this.body.replaceChildren(...children);
		this.body.querySelector("input:not([readonly]), button")?.focus();
	}

	wait(text) {
		this.set(element("p", { role: "status" }, text));
	}

	message(text) {
		if (text) announce(text);
		return text ? element("p", { class: "message", role: "alert" }, text) : null;
	}

	form(onsubmit, ...children) {
		return element(
			"form",
			{
				onsubmit: (event) => {
					event.preventDefault();
					onsubmit();
				},
			},
			...children,
		);
	}

	askUser({ text }) {
		this.user.removeAttribute("readonly");
		this.set(
			this.form(
				() => this.user.value && this.session.login(this.user.value),
				this.message(text),
				field("User name", this.user),
				element("button", { type: "submit", class: "main" }, "Log in"),
			),
		);
	}

	askPrompts({ instruction, prompts }) {
		const inputs = prompts.map(inputFor);
		const fields = prompts.map((p, i) =>
			field(p.text.trim().replace(/:$/, "") || "Answer", inputs[i]),
		);
		// The name stays in the form: a password manager wants both.
		this.user.setAttribute("readonly", "");
		this.set(
			this.form(
				() => this.session.answer(inputs.map((input) => input.value)),
				instruction ? element("p", { class: "instruction" }, instruction) : null,
				this.user.value ? field("User name", this.user) : null,
				...fields,
				element(
					"div",
					{ class: "actions" },
					element("button", { type: "submit", class: "main" }, "Continue"),
					button("Start over", () => this.session.startOver()),
				),
			),
		);
	}

	end({ text, code }) {
		this.set(
			this.message(text),
			button(
				code === 4400 ? "Load the page again" : "Connect again",
				() => (code === 4400 ? window.location.reload() : this.session.start()),
				{ class: "main" },
			),
		);
	}
}
