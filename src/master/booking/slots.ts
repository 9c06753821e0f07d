// Which sums of all times a cell counts for: those of everything, of its agent, and of its network, rule type and class
// together (`slotsOf` in scope.ts asks for them).
import type { Database, Statement } from '../../system/database.ts';
import type { CellPlace, Cells } from './cells.ts';
import { columnAt } from './dimension.ts';

/** Numbers of texts; 0 = any. */
type Way = readonly [agent: number, network: number, ruleType: number, className: number];

const [agentAt, networkAt] = [columnAt('agent'), columnAt('network')];
const [ruleTypeAt, classAt] = [columnAt('rule_type'), columnAt('class')];

/** Of a cell; the same for all cells that count for the same. */
export function wayOf(cells: Cells, cell: CellPlace): Way {
	return [
		cells.code(cell, agentAt),
		cells.code(cell, networkAt),
		cells.code(cell, ruleTypeAt),
		cells.code(cell, classAt),
	];
}

export class Slots {
	readonly #find: Statement<[...Way], { id: number }>;
	readonly #insert: Statement<[...Way]>;
	#known = new Map<string, number>();

	constructor(database: Database) {
		this.#find = database.prepare(
			'SELECT id FROM slot WHERE agent = ? AND network = ? AND rule_type = ? AND class = ?',
		);
		this.#insert = database.prepare('INSERT INTO slot(agent, network, rule_type, class) VALUES (?, ?, ?, ?)');
	}

	/** Their numbers; new ones get theirs within the transaction that is open. */
	of([agent, ...rest]: Way): readonly [everything: number, agent: number, rest: number] {
		return [0, this.#number([agent, 0, 0, 0]), this.#number([0, ...rest])];
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#known.clear();
	}

	#number(way: Way): number {
		const key = way.join();
		let id = this.#known.get(key);
		if (id === undefined) {
			id = this.#find.get(...way)?.id;
			if (id === undefined) {
				this.#insert.run(...way);
				id = this.#find.get(...way)!.id;
			}
			this.#known.set(key, id);
		}
		return id;
	}
}
