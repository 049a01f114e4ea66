// SPDX-License-Identifier: ISC
// What is kept of a visit (this tab's token) and of a person's taste. A browser may forbid
// both: then they are kept in memory, as long as the page is there.

const memory = new Map();

function read(storage, key) {
	try {
		return window[storage].getItem(key) ?? memory.get(key) ?? null;
	} catch {
		return memory.get(key) ?? null;
	}
}

function write(storage, key, value) {
	if (value === null) memory.delete(key);
	else memory.set(key, value);
	try {
		if (value === null) window[storage].removeItem(key);
		else window[storage].setItem(key, value);
	} catch {
		// Memory has it.
	}
}

export const token = {
	get: () => read("sessionStorage", "serialgate.token"),
	set: (value) => write("sessionStorage", "serialgate.token", value || null),
};

// A person's choice, by name; what it is without one.
export function choice(name, otherwise) {
	const key = "serialgate." + name;
	return {
		get: () => read("localStorage", key) ?? otherwise,
		set: (value) => write("localStorage", key, String(value)),
	};
}
