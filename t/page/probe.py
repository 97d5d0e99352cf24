"""What is looked up in the page, in its own language."""

# The colours of the page, by its names for them.  All that is read back is read
# from copies: the browser has a word to say about it otherwise.
COLOURS = """
	const css = getComputedStyle(document.documentElement);
	const copy = c => {
		const k = document.createElement('canvas');
		k.width = c.width;
		k.height = c.height;
		const g = k.getContext('2d', { willReadFrequently: true });
		if (c.width > 1)
			g.drawImage(c, 0, 0);
		return g;
	};
	const box = copy({ width: 1, height: 1 });
	const rgb = {};
	for (const name of arguments[0]) {
		box.clearRect(0, 0, 1, 1);
		box.fillStyle = css.getPropertyValue('--' + name).trim();
		box.fillRect(0, 0, 1, 1);
		rgb[name] = [...box.getImageData(0, 0, 1, 1).data].join();
	}
"""

# Squares by what is in their corners, where no letter is.
COUNT_SQUARES = COLOURS + """
	const c = document.getElementById('grid'), n = {};
	const g = copy(c), r = devicePixelRatio;
	const cell = +c.dataset.cell, cols = +c.dataset.cols;
	for (let i = 0; i < arguments[1]; i++) {
		const x = i % cols * cell, y = Math.floor(i / cols) * cell;
		const at = [...g.getImageData(x * r, y * r, 1, 1)
		    .data].join();
		const name = Object.keys(rgb).find(k => rgb[k] === at) || at;
		n[name] = (n[name] || 0) + 1;
	}
	return n;
"""

# How many pixels of a canvas are of a colour that the page defines.
COUNT_PIXELS = COLOURS + """
	const c = document.querySelector(arguments[1]);
	const d = copy(c).getImageData(0, 0, c.width, c.height).data;
	const n = Object.fromEntries(arguments[0].map(k => [k, 0]));
	for (let i = 0; i < d.length; i += 4)
		for (const k in rgb)
			if (rgb[k] === [...d.slice(i, i + 4)].join())
				n[k]++;
	return n;
"""

LEGEND = """
	return Object.fromEntries([...document.querySelectorAll('#legend b')]
	    .map(b => [b.id.slice(2), b.textContent.replace(/,/g, '')])
	    .filter(([k, v]) => v !== '0').map(([k, v]) => [k, +v]));
"""

TEXT_IS = """
	return document.querySelector(arguments[0])?.textContent === arguments[1];
"""

TEXT_HAS = """
	return document.querySelector(arguments[0])?.textContent
	    .includes(arguments[1]) || false;
"""

FOCUS = """
	const e = document.activeElement, s = getComputedStyle(e);
	const box = e.getBoundingClientRect();
	return e === document.body ? null : [(e.id || (e.closest('article')
	    ?.getAttribute('aria-label') || '') + ': ' + (e.getAttribute(
	    'aria-label') || e.textContent)), s.outlineStyle !== 'none' &&
	    parseFloat(s.outlineWidth) >= 2 && box.top >= 0 && box.bottom <=
	    innerHeight];
"""

# Lightness of text and of what is behind it, as WCAG has it.
CONTRAST = """
	const rgb = s => s.match(/[\\d.]+/g).map(Number);
	const light = c => c.slice(0, 3).map(v => (v /= 255) <= .03928 ?
	    v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) =>
	    sum + v * [.2126, .7152, .0722][i], 0);
	const behind = e => { for (; e; e = e.parentElement) {
		const c = rgb(getComputedStyle(e).backgroundColor);
		if (c.length < 4 || c[3] > 0) return c;
	} };
	const poor = [];
	for (const e of document.querySelectorAll('body *')) {
		if (![...e.childNodes].some(n => n.nodeType === 3 &&
		    n.data.trim()) || e.closest('script, style, [hidden]'))
			continue;
		const a = light(rgb(getComputedStyle(e).color));
		const b = light(behind(e));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5)
			poor.push(e.textContent.trim().slice(0, 30) + ' ' +
			    ratio.toFixed(1));
	}
	return poor;
"""
