// The form of a quota, as a dialog: it checks what is typed, says what is wrong beside it, and saves.
import { ApiError, send } from '../client.ts';
import { say, type TextName } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import { type FieldFaults, fieldText, type QuotaFields, readFields, units } from './quotafields.ts';
import type { QuotaState } from './quotastate.ts';
import { webhookTest } from './webhooktest.ts';

export interface QuotaFormOptions {
	readonly agent: string;
	/** null: a new one. */
	readonly quota: QuotaState | null;
	/** Something has changed. */
	readonly onDone: () => void;
	readonly onToken: () => void;
}

type TextField = Exclude<keyof QuotaFields, 'unit' | 'counts' | 'direction' | 'withoutWebhook'>;

/** Opens it over the page; it takes itself away when it is closed. */
export function openQuotaForm({ agent, quota, onDone, onToken }: QuotaFormOptions): void {
	const path = `quotas/${encodeURIComponent(agent)}`;
	const size = (quota?.limit ?? 0) >= 1e12 && quota!.limit % 1e11 === 0 ? 'TB' : 'GB';
	const shown = (bytes: number) => fieldText(bytes, units[size]!);
	const inputs = {
		limit: input({ value: quota ? shown(quota.limit) : '', inputmode: 'decimal', required: true }),
		startDay: input({ value: String(quota?.start_day ?? 1), inputmode: 'numeric', required: true }),
		zone: input({ value: quota?.tz ?? '', list: 'zones', placeholder: quota?.zone ?? '' }),
		levels: input({ value: (quota?.levels ?? [80, 100]).join(', '), inputmode: 'numeric' }),
		usedBefore: input({ value: quota ? shown(quota.used_before) : '', inputmode: 'decimal' }),
		webhook: input({
			type: 'url',
			placeholder: quota?.webhook ?? 'https://',
			autocomplete: 'off',
			spellcheck: 'false',
		}),
	} satisfies Record<TextField, HTMLInputElement>;
	const unit = select(Object.keys(units), (name) => name, size);
	unit.setAttribute('aria-label', say('unit'));
	const counts = select(
		['wan', 'proxy', 'all'],
		(name) => say(name === 'all' ? 'core' : (name as 'wan')),
		quota?.counts ?? 'wan',
	);
	const direction = select(
		['both', 'up', 'down'],
		(name) => say(`direction ${name as 'up'}`),
		quota?.direction ?? 'both',
	);
	const without = el('input', { type: 'checkbox' });
	const trial = quota?.webhook
		? webhookTest(path, () => {
				dialog.close();
				onToken();
			})
		: null;
	const failure = el('p', { class: 'bad-text', role: 'alert' });
	const faults = new Map<TextField, HTMLElement>();
	const field = (name: TextField, label: TextName, hint: TextName | null, beside: HTMLElement | null = null) => {
		const fault = el('span', { class: 'bad-text', id: `quota-${name}-fault` });
		faults.set(name, fault);
		inputs[name].setAttribute('aria-describedby', fault.id);
		const words = el('label', { class: 'field' }, el('span', {}, say(label)), inputs[name]);
		return el(
			'div',
			{ class: 'field-row' },
			words,
			beside,
			fault,
			hint !== null && el('span', { class: 'muted' }, say(hint)),
		);
	};
	const choice = (label: TextName, element: HTMLElement) =>
		el('div', { class: 'field-row' }, el('label', { class: 'field' }, el('span', {}, say(label)), element));
	const save = el('button', { type: 'submit', class: 'button primary' }, say('save'));
	const form = el(
		'form',
		{ novalidate: true },
		field('limit', 'limit', null, unit),
		choice('counted', counts),
		choice('direction', direction),
		field('startDay', 'start day', 'start day hint'),
		field('zone', 'zone', 'zone hint'),
		field('levels', 'levels', 'levels hint'),
		field('usedBefore', 'used before', 'used before hint'),
		field('webhook', 'webhook', quota?.webhook ? 'webhook hint kept' : 'webhook hint', trial?.button),
		trial?.said ?? null,
		quota?.webhook ? el('label', { class: 'check' }, without, say('webhook away')) : null,
		zoneList(),
		failure,
		el(
			'div',
			{ class: 'form-end' },
			quota !== null &&
				el(
					'button',
					{ type: 'button', class: 'button quiet', on: { click: () => void remove() } },
					say('remove quota'),
				),
			el('div', { class: 'spacer' }),
			el('button', { type: 'button', class: 'button', on: { click: () => dialog.close() } }, say('cancel')),
			save,
		),
	);
	const title = say(quota ? 'edit quota of' : 'set quota of', { agent });
	const dialog = el('dialog', { class: 'card dialog', 'aria-label': title }, el('h2', {}, title), form);

	function tell(told: FieldFaults): void {
		for (const [name, element] of faults) {
			const text = told[name];
			write(element, text ? say(text) : '');
			inputs[name].setAttribute('aria-invalid', String(text !== undefined));
		}
		const first = [...faults.keys()].find((name) => told[name]);
		if (first) inputs[first].focus();
	}

	async function change(work: () => Promise<unknown>): Promise<void> {
		save.disabled = true;
		fill(failure);
		try {
			await work();
			dialog.close();
			onDone();
		} catch (error) {
			if (error instanceof ApiError && error.kind === 'token') {
				dialog.close();
				return onToken();
			}
			write(
				failure,
				error instanceof ApiError && error.kind === 'offline' ? say('offline') : String((error as Error).message),
			);
		} finally {
			save.disabled = false;
		}
	}

	const remove = () => change(() => send('DELETE', path, null));
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const texts = Object.fromEntries(Object.entries(inputs).map(([name, { value }]) => [name, value]));
		const read = readFields({
			...(texts as Record<TextField, string>),
			...{ unit: unit.value, counts: counts.value, direction: direction.value, withoutWebhook: without.checked },
		});
		tell('faults' in read ? read.faults : {});
		if ('settings' in read) void change(() => send('PUT', path, read.settings));
	});
	dialog.addEventListener('close', () => dialog.remove());
	document.body.append(dialog);
	dialog.showModal();
	inputs.limit.focus();
}

function input(attributes: Readonly<Record<string, unknown>>): HTMLInputElement {
	return el('input', { class: 'input', type: 'text', ...attributes });
}

function select(names: readonly string[], label: (name: string) => string, chosen: string): HTMLSelectElement {
	const element = el('select', { class: 'input' }, ...names.map((name) => el('option', { value: name }, label(name))));
	element.value = chosen;
	return element;
}

/** The zones that the browser knows, to choose from. */
function zoneList(): HTMLElement {
	type WithList = typeof Intl & { supportedValuesOf?: (key: 'timeZone') => string[] };
	const names = (Intl as WithList).supportedValuesOf?.('timeZone') ?? [];
	return el('datalist', { id: 'zones' }, ...names.map((value) => el('option', { value })));
}
