/* Stands on the PATH as `gcloud` during a rehearsal, and hands the command to the process that rehearses. */
const answer = await fetch(process.env.REHEARSAL_GCLOUD ?? '', {
  method: 'POST',
  body: JSON.stringify({ args: process.argv.slice(2), folder: process.cwd() }),
});
const printed = await answer.text();
if (answer.ok) {
  process.stdout.write(printed);
} else {
  process.stderr.write(`ERROR: (gcloud) ${printed}\n`);
  process.exitCode = 1;
}
