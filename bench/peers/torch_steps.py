"""Training steps of PyTorch on the CPU, as a peer of the tensor benchmarks: one order a line, one answer a line."""
import json
import sys
import time


def answer(reply):
    print(json.dumps(reply), flush=True)


try:
    import torch
except ImportError:
    for _ in sys.stdin:
        answer({"absent": "PyTorch is not installed"})
    sys.exit(0)

torch.manual_seed(1)
WIDTHS = {"s": [64, 64, 10], "b": [784, 256, 128, 10]}
ROWS = {"s": 32, "b": 128, "c": 64}
WARM_STEPS = 20


def dense(widths):
    parts = []
    for i, units in enumerate(widths[1:]):
        parts.append(torch.nn.Linear(widths[i], units))
        if i < len(widths) - 2:
            parts.append(torch.nn.ReLU())
    return torch.nn.Sequential(*parts)


def seeing():
    parts = []
    for channels, units in ((1, 8), (8, 16)):
        parts += [torch.nn.Conv2d(channels, units, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
    return torch.nn.Sequential(*parts, torch.nn.Flatten(), torch.nn.Linear(784, 10))


def stepper(model, optimizer):
    network = seeing() if model == "c" else dense(WIDTHS[model])
    shape = (1, 28, 28) if model == "c" else (WIDTHS[model][0],)
    inputs = torch.randn(ROWS[model], *shape)
    labels = torch.randint(0, 10, (ROWS[model],))
    rule = torch.optim.SGD if optimizer == "sgd" else torch.optim.Adam
    weights = rule(network.parameters(), lr=0.01)
    measure = torch.nn.CrossEntropyLoss()

    def step():
        weights.zero_grad(set_to_none=True)
        loss = measure(network(inputs), labels)
        loss.backward()
        weights.step()
        return loss.item()

    return step


def burst(step, seconds):
    started = time.perf_counter()
    steps = 0
    while True:
        step()
        steps += 1
        took = time.perf_counter() - started
        if took >= seconds:
            return took / steps


steppers = {}
threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
for line in sys.stdin:
    order = json.loads(line)
    key = order["model"] + order["optimizer"]
    if key not in steppers:
        steppers[key] = stepper(order["model"], order["optimizer"])
        for _ in range(WARM_STEPS):
            steppers[key]()
    answer({"msPerStep": 1000 * burst(steppers[key], order["forMs"] / 1000), "kernels": None})
