// SPDX-License-Identifier: ISC
// Says things to screen readers: politely, and never more than the last few of a burst.

import { element } from "./element.js";

const QUIET_MS = 700;
const AT_MOST = 3;

const region = element("div", { "class": "heard", "role": "status", "aria-live": "polite" });
let waiting = [];
let timer = null;

function speak() {
	timer = null;
	region.textContent = waiting.slice(-AT_MOST).join(". ");
	waiting = [];
}

export function startAnnouncing() {
	document.body.append(region);
}

export function announce(text) {
	if (waiting[waiting.length - 1] !== text) waiting.push(text);
	clearTimeout(timer);
	timer = setTimeout(speak, QUIET_MS);
}
