// SPDX-License-Identifier: ISC
// Light or dark, as the system is or as a person chose; the terminal's colours for each.

import { choice } from "./keep.js";

const palettes = {
	dark: {
		background: "#101418",
		foreground: "#e4e7eb",
		cursor: "#e4e7eb",
		cursorAccent: "#101418",
		selectionBackground: "#3d5a80",
		black: "#2b3138",
		red: "#ff7b72",
		green: "#7ee787",
		yellow: "#e3b341",
		blue: "#79c0ff",
		magenta: "#d2a8ff",
		cyan: "#76e3ea",
		white: "#d0d7de",
		brightBlack: "#8b949e",
		brightRed: "#ffa198",
		brightGreen: "#aff5b4",
		brightYellow: "#f8e3a1",
		brightBlue: "#a5d6ff",
		brightMagenta: "#e2c5ff",
		brightCyan: "#b3f0ff",
		brightWhite: "#ffffff",
	},
	light: {
		background: "#ffffff",
		foreground: "#1b1f24",
		cursor: "#1b1f24",
		cursorAccent: "#ffffff",
		selectionBackground: "#b6d7ff",
		black: "#1b1f24",
		red: "#b3261e",
		green: "#11632a",
		yellow: "#7a4f01",
		blue: "#0b57b0",
		magenta: "#7627a8",
		cyan: "#0b6070",
		white: "#5a636d",
		brightBlack: "#57606a",
		brightRed: "#a40e26",
		brightGreen: "#0f5323",
		brightYellow: "#633c01",
		brightBlue: "#0a4a96",
		brightMagenta: "#622090",
		brightCyan: "#095061",
		brightWhite: "#24292f",
	},
};

const system = window.matchMedia("(prefers-color-scheme: dark)");
const chosen = choice("theme", "system");
const ears = new Set();

function current() {
	const name = chosen.get();
	return name in palettes ? name : system.matches ? "dark" : "light";
}

function apply() {
	document.documentElement.dataset.theme = current();
	for (const ear of ears) ear(palettes[current()]);
}

export const themes = ["system", "light", "dark"];

export function startTheme() {
	system.addEventListener("change", apply);
	apply();
}

export function chosenTheme() {
	return chosen.get();
}

export function chooseTheme(name) {
	chosen.set(name);
	apply();
}

// ear(palette) is called now and at every change. Returns what ends that.
export function followTheme(ear) {
	ears.add(ear);
	ear(palettes[current()]);
	return () => ears.delete(ear);
}
