'use strict';
(function () {
	var main = document.querySelector('main');
	var box = document.getElementById('q');
	var count = document.getElementById('n');
	var nodes = Array.from(main.querySelectorAll('details[id]'));
	var texts = null, were = null, hits = [], at = -1, timer;
	var found = window.Highlight && CSS.highlights ? new Highlight() : null;

	if (found)
		CSS.highlights.set('found', found);

	/* its own words, and its date: those of the nodes in it are theirs */
	function text(d) {
		return d.id.replace(/^[a-z]*:/, '') + ' ' + Array.from(d.children).filter(function (c) {
			return !(c.tagName === 'DETAILS' && c.id);
		}).map(function (c) {
			return c.textContent;
		}).join(' ').toLowerCase();
	}

	function words() {
		return box.value.toLowerCase().split(/\s+/).filter(Boolean);
	}

	function mark(d) {
		var walk = document.createTreeWalker(d, NodeFilter.SHOW_TEXT);
		var list = words(), first = null;

		function each(node, low, w) {
			var i, range;

			for (i = low.indexOf(w); i >= 0; i = low.indexOf(w, i + w.length)) {
				range = new Range();
				range.setStart(node, i);
				range.setEnd(node, i + w.length);
				if (found)
					found.add(range);
				first = first || node.parentElement;
			}
		}
		while (walk.nextNode()) {
			var low = walk.currentNode.data.toLowerCase();
			if (low.length === walk.currentNode.length)
				list.forEach(each.bind(null, walk.currentNode, low));
		}
		return first;
	}

	/* what holds all words, and what that lies in, stays */
	function find() {
		var list = words(), within = new Set(), i, d, own;

		if (found)
			found.clear();
		hits = [];
		at = -1;
		count.textContent = '';
		if (list.length === 0) {
			nodes.forEach(function (n, k) {
				n.classList.remove('off', 'way');
				if (were)
					n.open = were[k];
			});
			were = null;
			return;
		}
		texts = texts || nodes.map(text);
		were = were || nodes.map(function (n) { return n.open; });
		for (i = nodes.length - 1; i >= 0; i--) {
			d = nodes[i];
			own = list.every(function (w) { return texts[i].includes(w); });
			if (own || within.has(d))
				within.add(d.parentElement);
			if (own && !within.has(d))
				hits.push(d);
			d.classList.toggle('off', !own && !within.has(d));
			d.classList.toggle('way', within.has(d));
			d.open = within.has(d);
		}
		hits.reverse();
		if (hits.length <= 20)
			hits.forEach(function (h) { h.open = true; });
		hits.slice(0, 100).forEach(mark);
		count.textContent = hits.length + ' found';
	}

	function next(step) {
		if (hits.length === 0)
			return;
		at = at < 0 && step < 0 ? hits.length - 1 :
		    (at + step + hits.length) % hits.length;
		hits[at].open = true;
		hits[at].querySelectorAll('.x').forEach(function (x) { x.open = true; });
		(mark(hits[at]) || hits[at]).scrollIntoView({ block: 'center' });
		count.textContent = (at + 1) + ' of ' + hits.length;
	}

	function clear() {
		clearTimeout(timer);
		box.value = '';
		find();
		box.blur();
	}

	/* to what the address names: a node or an event */
	function go() {
		var d, p;

		try {
			d = document.getElementById(decodeURIComponent(
			    location.hash.slice(1)).replace(/^toc:/, ''));
		} catch (e) {
			return;
		}
		if (!d)
			return;
		if (d.closest('.off'))
			clear();
		for (p = d; p; p = p.parentElement)
			if (p.tagName === 'DETAILS')
				p.open = true;
		d.scrollIntoView();
	}

	function step(by) {
		var all = Array.from(main.querySelectorAll('summary')).filter(function (s) {
			return !s.closest('.off') &&
			    !s.parentElement.parentElement.closest('details:not([open])');
		});
		var i = all.indexOf(document.activeElement);

		i = i < 0 ? (by > 0 ? 0 : -1) : i + by;
		if (all[i])
			all[i].focus();
	}

	box.addEventListener('input', function () {
		clearTimeout(timer);
		timer = setTimeout(find, 100);
	});
	document.addEventListener('keydown', function (e) {
		if (e.ctrlKey || e.altKey || e.metaKey)
			return;
		if (e.key === 'Escape') {
			clear();
		} else if (document.activeElement === box) {
			if (e.key !== 'Enter')
				return;
			clearTimeout(timer);
			if (at < 0)
				find();
			next(e.shiftKey ? -1 : 1);
		} else if (e.key === '/') {
			box.focus();
			box.select();
		} else if (e.key === 'j' || e.key === 'k') {
			step(e.key === 'j' ? 1 : -1);
		} else {
			return;
		}
		e.preventDefault();
	});
	/* the address is always that of what was unfolded last */
	main.addEventListener('click', function (e) {
		var s = e.target.closest('summary');

		if (s && s.parentElement.id)
			history.replaceState(null, '', '#' + s.parentElement.id);
	});
	window.addEventListener('hashchange', go);
	window.addEventListener('beforeprint', function () {
		nodes.forEach(function (d) {
			d.dataset.was = d.open ? 'open' : '';
			d.open = true;
		});
	});
	window.addEventListener('afterprint', function () {
		nodes.forEach(function (d) { d.open = d.dataset.was !== ''; });
	});

	document.getElementById('find').classList.remove('off');
	if (location.hash) {
		go();
	} else {
		Array.from(main.children).forEach(function (n) {
			n.open = true;
		});
		/* the newest week */
		for (var d = nodes.filter(function (n) {
			return n.id.startsWith('week:');
		}).pop(); d && d.tagName === 'DETAILS'; d = d.parentElement)
			d.open = true;
	}
})();
