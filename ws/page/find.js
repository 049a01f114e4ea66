// SPDX-License-Identifier: ISC
// Find in what the terminal has kept: a field, how many there are, one on, one back.

import { button, element, setText } from "./element.js";

const decorations = {
	matchBackground: "#ffd866",
	activeMatchBackground: "#ff9e3b",
	matchOverviewRuler: "#ffd866",
	activeMatchColorOverviewRuler: "#ff9e3b",
};

export class Find {
	// done(): it was closed.
	constructor(screen, done) {
		this.screen = screen;
		this.done = done;
		this.input = element("input", {
			"type": "search",
			"aria-label": "Find in this console",
			"placeholder": "Find",
			"autocomplete": "off",
			"oninput": () => this.go(1, true),
			"onkeydown": (event) => this.key(event),
		});
		this.count = element("span", { role: "status", class: "count" });
		this.element = element(
			"div",
			{ class: "find", hidden: true, role: "search" },
			this.input,
			button("↑", () => this.go(-1), { "aria-label": "Previous" }),
			button("↓", () => this.go(1), { "aria-label": "Next" }),
			this.count,
			button("Close", () => this.close()),
		);
		screen.search.onDidChangeResults(({ resultIndex, resultCount }) =>
			setText(
				this.count,
				!this.input.value
					? ""
					: resultCount
						? `${resultIndex + 1} of ${resultCount}`
						: "not found",
			),
		);
	}

	open() {
		this.element.hidden = false;
		this.input.focus();
		this.input.select();
	}

	close() {
		this.element.hidden = true;
		this.screen.search.clearDecorations();
		this.screen.terminal.clearSelection();
		this.done();
	}

	// The newest first: that is what one looks for at a console.
	go(step, isTyped = false) {
		const options = { decorations, incremental: isTyped };
		if (!this.input.value) {
			this.screen.search.clearDecorations();
			setText(this.count, "");
		} else if (step > 0 && !isTyped) {
			this.screen.search.findNext(this.input.value, options);
		} else {
			this.screen.search.findPrevious(this.input.value, options);
		}
	}

	key(event) {
		if (event.key === "Escape") this.close();
		else if (event.key === "Enter") this.go(event.shiftKey ? 1 : -1);
		else return;
		event.preventDefault();
	}
}
