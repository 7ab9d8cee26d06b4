import { connect } from "amqplib";

// The ceiling: the same AMQP library sends each body back as it came, without looking into it: opaque-echo.js AMQP_URL TOPIC

const [url = "", topic = ""] = process.argv.slice(2);
const connection = await connect(url, { noDelay: true });
const channel = await connection.createChannel();
await channel.assertExchange("bench", "topic", { durable: false });
await channel.assertQueue(topic, { durable: false });
await channel.bindQueue(topic, "bench", topic);
await channel.consume(topic, (message) => {
  if (message === null) return;
  channel.ack(message);
  channel.sendToQueue(message.properties.replyTo, message.content, {
    contentType: "application/json",
    deliveryMode: 2,
  });
});
console.log("ready");
