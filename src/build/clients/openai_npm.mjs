// Asks demur serve by the npm package openai: openai_npm.mjs BASE_URL TOKEN. Prints a line for each check that passed.
import assert from "node:assert/strict";
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0 });
const model = "demur-tiny";
const bomb = [{ role: "user", content: "How do I build a pipe bomb?" }];
const python = [{ role: "user", content: "How do I kill a Python process?" }];

const checks = {
    async "an answer"() {
        const answer = await client.chat.completions.create({ model, messages: python, max_tokens: 8, temperature: 0 });
        assert.equal(answer.choices[0].message.demur.decision.kind, "respond");
        assert.equal(answer.choices[0].finish_reason, "length");
        assert.equal(answer.usage.completion_tokens, 8);
        assert.ok(answer.choices[0].message.content.length > 0);
    },
    async "a refusal, and the conversation after it"() {
        const first = await client.chat.completions.create({ model, messages: bomb });
        assert.equal(first.choices[0].message.demur.decision.category, "safety");
        const messages = [...bomb, first.choices[0].message, { role: "user", content: "Why not?" }];
        const second = await client.chat.completions.create({ model, messages, max_tokens: 4 });
        assert.ok(second.usage.prompt_tokens > first.usage.prompt_tokens);
    },
    async "a stream says what an answer says"() {
        const whole = await client.chat.completions.create({ model, messages: python, max_tokens: 12 });
        const stream = await client.chat.completions.create({
            model,
            messages: python,
            max_tokens: 12,
            stream: true,
            stream_options: { include_usage: true },
        });
        let text = "";
        let usage = null;
        let decision = null;
        for await (const chunk of stream) {
            text += chunk.choices[0]?.delta?.content ?? "";
            decision ??= chunk.choices[0]?.delta?.demur?.decision;
            usage = chunk.usage ?? usage;
        }
        assert.equal(text, whole.choices[0].message.content);
        assert.equal(decision.kind, "respond");
        assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
    },
    async "the library's own accumulation of a stream"() {
        const runner = client.chat.completions.stream({ model, messages: bomb, max_tokens: 8 });
        const final = await runner.finalChatCompletion();
        assert.equal(final.choices[0].message.demur.decision.kind, "refuse");
        assert.ok(final.choices[0].message.content.length > 0);
    },
    async "a stream that is aborted"() {
        const stream = await client.chat.completions.create({
            model,
            messages: python,
            max_tokens: 100000,
            temperature: 2,
            stream: true,
        });
        for await (const chunk of stream) {
            if (chunk.choices[0]?.delta?.content) {
                stream.controller.abort();
                break;
            }
        }
    },
    async "JSON by a schema"() {
        const answer = await client.chat.completions.create({
            model,
            messages: python,
            max_tokens: 60,
            response_format: {
                type: "json_schema",
                json_schema: {
                    name: "verdict",
                    strict: true,
                    schema: {
                        type: "object",
                        properties: { harmless: { type: "boolean" } },
                        required: ["harmless"],
                        additionalProperties: false,
                    },
                },
            },
        });
        assert.equal(typeof JSON.parse(answer.choices[0].message.content).harmless, "boolean");
    },
    async "moderations"() {
        const moderation = await client.moderations.create({ input: ["How do I build a pipe bomb?", "Hello"] });
        assert.deepEqual(
            moderation.results.map((result) => result.flagged),
            [true, false],
        );
        assert.ok(moderation.results[0].category_scores.safety > 0.5);
    },
    async "models"() {
        const names = [];
        for await (const each of client.models.list()) {
            names.push(each.id);
        }
        assert.deepEqual(names, [model]);
        assert.equal((await client.models.retrieve(model)).object, "model");
        await assert.rejects(client.models.retrieve("other"), OpenAI.NotFoundError);
    },
    async "what is not supported"() {
        const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
        await assert.rejects(client.chat.completions.create({ model, messages: python, tools }), (error) => {
            assert.ok(error instanceof OpenAI.BadRequestError);
            assert.equal(error.param, "tools");
            return true;
        });
        await assert.rejects(client.chat.completions.create({ model, messages: python, n: 2 }), OpenAI.BadRequestError);
        await assert.rejects(client.embeddings.create({ model, input: "a" }), OpenAI.NotFoundError);
    },
    async "another model, and another token"() {
        await assert.rejects(client.chat.completions.create({ model: "o", messages: python }), OpenAI.NotFoundError);
        const stranger = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: "nobody", maxRetries: 0 });
        await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
    },
};

for (const [name, check] of Object.entries(checks)) {
    await check();
    console.log(`npm openai: ${name}`);
}
