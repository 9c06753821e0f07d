// Records what the master of mihomo-connections-tracker answers to `oldQuestions` about `oldTraffic`:
//   node build/test/fakes/oldmaster.program.js URL > test/fixtures/oldmaster/answers.json
import { oldQuestions, oldTraffic } from './oldtraffic.ts';

async function record(url: string): Promise<void> {
	for (const body of oldTraffic().bodies) {
		const headers = { 'Content-Type': 'application/json' };
		const { status } = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body });
		if (status !== 200) throw new Error(`a body was answered ${status}`);
	}
	const answers: string[] = [];
	for (const path of oldQuestions()) {
		const answer = await fetch(`${url}/api/v1/${path}`);
		answers.push(JSON.stringify({ path, status: answer.status, body: await answer.text() }));
	}
	process.stdout.write(`[\n${answers.join(',\n')}\n]\n`);
}

record(process.argv[2] ?? '').catch((error: Error) => {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
