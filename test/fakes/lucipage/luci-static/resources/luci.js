// LuCI's client as far as netmon's pages use it, written for the tests from its documented behaviour: modules that are
// made once, nodes whose bare string children are HTML, ubus over JSON-RPC.
'use strict';

class Base {
	constructor(...words) {
		if (this.__init__) this.__init__(...words);
	}

	static extend(properties) {
		const Made = class extends this {};
		for (const name of Object.getOwnPropertyNames(properties))
			Object.defineProperty(Made.prototype, name, Object.getOwnPropertyDescriptor(properties, name));
		return Made;
	}
}

const dom = {
	append(node, children) {
		if (Array.isArray(children)) {
			for (const child of children)
				if (Array.isArray(child)) this.append(node, child);
				else if (child instanceof Node) node.appendChild(child);
				else if (child !== null && child !== undefined) node.appendChild(document.createTextNode(`${child}`));
		} else if (children instanceof Node) node.appendChild(children);
		else if (children !== null && children !== undefined) node.innerHTML = `${children}`;
	},

	content(node, children) {
		node.replaceChildren();
		this.append(node, children);
	}
};

function E(tag, attributes, children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {}))
		if (typeof value === 'function') node.addEventListener(name, value);
		else if (value !== null && value !== undefined) node.setAttribute(name, value);
	dom.append(node, children);
	return node;
}

const poll = {
	add(work, seconds) {
		setInterval(work, seconds * 1000);
	}
};

let calls = 0;
const rpc = {
	declare({ object, method }) {
		return async () => {
			const body = JSON.stringify({
				jsonrpc: '2.0',
				id: ++calls,
				method: 'call',
				params: [L.env.sessionid, object, method, {}]
			});
			const { result } = await (await fetch(L.env.ubuspath, { method: 'POST', body })).json();
			if (result[0] !== 0) throw new Error(`ubus status ${result[0]}`);
			return result[1];
		};
	}
};

const fs = {
	async exec_direct(command, words) {
		return (await fetch('/cgi-bin/cgi-exec', { method: 'POST', body: JSON.stringify([command, ...words]) })).text();
	}
};

const ui = {
	showModal(title, children) {
		this.hideModal();
		document.body.appendChild(E('div', { id: 'modal_overlay' }, [E('h4', {}, [title])].concat(children)));
	},

	hideModal() {
		document.querySelector('#modal_overlay')?.remove();
	},

	async instantiateView(path) {
		const view = await L.require(`view.${path.replaceAll('/', '.')}`);
		dom.content(document.querySelector('#view'), await view.render(view.load ? await view.load() : undefined));
	}
};

// The options of one package, as they stand.
const uci = {
	values: {},

	async load(config) {
		const { values } = await rpc.declare({ object: 'uci', method: 'get' })();
		this.values[config] = values;
	},

	get(config, section, option) {
		return this.values[config]?.[section]?.[option];
	}
};

class Option {
	constructor(tab, kind, name, title, description) {
		Object.assign(this, { tab, kind, name, title, description, choices: [], needs: [] });
	}

	value(choice) {
		this.choices.push(choice);
	}

	depends(name, value) {
		this.needs.push([name, value]);
	}

	render() {
		const input = this.kind === 'Button'
			? E('button', { click: () => this.onclick() }, [this.inputtitle])
			: E('input', { type: this.password ? 'password' : 'text', placeholder: this.placeholder });
		const fault = E('em', {}, []);
		input.addEventListener('change', () => {
			const verdict = this.validate ? this.validate('main', input.value) : true;
			dom.content(fault, [verdict === true ? '' : verdict]);
		});
		return E('div', { 'class': 'cbi-value', 'data-name': this.name, 'data-tab': this.tab }, [
			E('label', {}, [this.title]), input, fault, E('div', {}, [this.description])
		]);
	}
}

const form = {
	Map: class {
		constructor(config, title, description) {
			Object.assign(this, { config, title, description, options: [] });
		}

		section() {
			return {
				tab() {},
				taboption: (tab, kind, name, title, description) => {
					const option = new Option(tab, kind, name, title, description);
					this.options.push(option);
					return option;
				}
			};
		}

		async render() {
			return E('div', {}, [E('h2', {}, [this.title])].concat(this.options.map((option) => option.render())));
		}
	},
	NamedSection: 'NamedSection',
	Value: 'Value',
	Flag: 'Flag',
	ListValue: 'ListValue',
	DynamicList: 'DynamicList',
	Button: 'Button'
};

class LuCI {
	constructor(env) {
		this.env = env;
		const ready = { baseclass: Base, view: Base, dom, poll, rpc, fs, ui, form, uci };
		this.modules = new Map(Object.entries(ready).map(([name, module]) => [name, Promise.resolve(module)]));
	}

	url(path) {
		return `${this.env.scriptname}/${path}`;
	}

	resolveDefault(value, otherwise) {
		return Promise.resolve(value).catch(() => otherwise);
	}

	require(name) {
		if (!this.modules.has(name)) this.modules.set(name, this.load(name));
		return this.modules.get(name);
	}

	async load(name) {
		const answer = await fetch(`${this.env.resource}/${name.replaceAll('.', '/')}.js`);
		const source = await answer.text();
		const wanted = [...source.matchAll(/^'require ([\w.]+)(?: as (\w+))?';$/gm)].map(([, path, as]) => [path, as || path]);
		const modules = await Promise.all(wanted.map(([path]) => this.require(path)));
		const make = new Function('window', 'document', 'L', ...wanted.map(([, as]) => as), source);
		const Made = make(window, document, this, ...modules);
		return new Made();
	}
}
