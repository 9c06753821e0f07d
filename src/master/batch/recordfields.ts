// The fields of a record and how each is written.
import { type TextColumn, textColumns } from './parcel.ts';

const numbers = ['download', 'upload'] as const;
const times = ['start', 'last_updated'] as const;
const ports = ['source_port', 'destination_port'] as const;
export type NumberField = (typeof numbers)[number] | (typeof times)[number];
export type NumberedField = TextColumn | (typeof ports)[number];
export type Field = NumberField | NumberedField | 'id';
/** By name of the field. */
export const kindOf = new Map<string, Kind>([
	...textColumns.map((name): [string, Kind] => [name, name === 'uid' || name === 'dscp' ? 'digits' : 'text']),
	...numbers.map((name): [string, Kind] => [name, 'bytes']),
	...times.map((name): [string, Kind] => [name, 'time']),
	...ports.map((name): [string, Kind] => [name, 'port']),
	['id', 'id'],
]);
export type Kind = 'text' | 'digits' | 'bytes' | 'time' | 'port' | 'id';
