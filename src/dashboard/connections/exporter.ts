// The buttons that export, and what is said while and after they do.
import type { Query } from '../client.ts';
import { ApiError } from '../client.ts';
import { whole } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import { icon } from '../parts/icon.ts';
import { dateText } from '../parts/range.ts';
import { type ExportFormat, exportConnections, exportFormats, exportLimit, save } from './connectionexport.ts';

export interface Exporter {
	readonly element: HTMLElement;
	stop(): void;
}

/** `queryOf`: what is on the page when the button is pressed. */
export function exporter(queryOf: () => Query, onToken: () => void): Exporter {
	let control: AbortController | null = null;
	const said = el('span', { class: 'muted', role: 'status' });
	const progress = el('progress', { 'aria-label': say('export hint', { limit: whole(exportLimit) }), hidden: true });
	const cancel = el(
		'button',
		{ type: 'button', class: 'button quiet small', hidden: true, on: { click: () => control?.abort() } },
		say('cancel'),
	);
	const buttons = exportFormats.map((format) =>
		el(
			'button',
			{
				...{ type: 'button', class: 'button', title: say('export hint', { limit: whole(exportLimit) }) },
				on: { click: () => void run(format) },
			},
			icon('download'),
			format.toUpperCase(),
		),
	);

	function busy(on: AbortController | null): void {
		control = on;
		for (const button of buttons) button.disabled = on !== null;
		cancel.hidden = progress.hidden = on === null;
		progress.removeAttribute('value');
	}

	async function run(format: ExportFormat): Promise<void> {
		busy(new AbortController());
		fill(said);
		try {
			const { blob, rows, count } = await exportConnections(queryOf(), format, show, control!.signal);
			save(blob, `netmon-connections-${dateText(Date.now())}.${format}`);
			const texts = { count: whole(rows), all: whole(count) };
			write(said, rows < count ? say('exported first', texts) : say('exported', texts));
		} catch (error) {
			if (control?.signal.aborted) fill(said);
			else if (error instanceof ApiError && error.kind === 'token') onToken();
			else write(said, `${say('error title')}. ${error instanceof Error ? error.message : ''}`);
		}
		busy(null);
	}

	function show(done: number, wanted: number): void {
		progress.max = Math.max(1, wanted);
		progress.value = done;
		write(said, say('exporting', { done: whole(done), count: whole(wanted) }));
	}

	return {
		element: el('div', { class: 'exporter' }, said, progress, cancel, ...buttons),
		stop: () => control?.abort(),
	};
}
