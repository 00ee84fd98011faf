// SPDX-License-Identifier: Apache-2.0
// Before the first paint: the theme that was chosen, if one was.
try {
	const chosen = localStorage.getItem('theme');
	if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
	// Storage is switched off: the system's theme it is.
}
