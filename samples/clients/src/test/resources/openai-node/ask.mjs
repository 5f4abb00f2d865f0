// Asks with OpenAI's SDK, plain and streaming: node ask.mjs BASE_URL [API_KEY]. Prints one line for each: what it got, or how it failed.
import OpenAI, { AuthenticationError, PermissionDeniedError } from 'openai';

const [baseURL, apiKey] = process.argv.slice(2);
// The SDK demands a key, and leaves it out where it is told to.
const client = apiKey
  ? new OpenAI({ baseURL, apiKey, maxRetries: 0 })
  : new OpenAI({ baseURL, apiKey: 'none', defaultHeaders: { Authorization: null }, maxRetries: 0 });
const question = { model: 'gpt-4.1-nano', messages: [{ role: 'user', content: 'What is a JWT?' }] };

async function plain() {
  const answer = await client.chat.completions.create(question);
  return answer.choices[0].message.content;
}

async function streaming() {
  let words = '';
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
    words += chunk.choices[0]?.delta?.content ?? '';
  }
  return words;
}

function refusal(error) {
  if (error instanceof AuthenticationError) return 'AuthenticationError';
  if (error instanceof PermissionDeniedError) return 'PermissionDeniedError';
  throw error;
}

for (const ask of [plain, streaming]) {
  try {
    console.log(`${ask.name}: ${await ask()}`);
  } catch (error) {
    console.log(`${ask.name}: ${refusal(error)} ${error.code} ${error.message}`);
  }
}
