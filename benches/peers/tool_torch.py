"""PyTorch, as it runs: autograd for gradients, torch.func for the rest."""

import torch

from tool_jax import result  # noqa: F401, results are laid out alike

NAME = "PyTorch"
torch.set_num_threads(1)


def version():
    return torch.__version__


def contestants(case, values):
    given = {name: torch.from_numpy(value.copy()) for name, value in values.items()}
    direction = given.pop("W") if case.kind == "hessian times W" else None
    varying = [given[name] for name in case.wrt]

    def f(*at):
        return case.f(torch, **(given | dict(zip(case.wrt, at))))

    def gradient():
        at = [v.detach().requires_grad_() for v in varying]
        return dict(zip(case.wrt, torch.autograd.grad(f(*at), at)))

    run = {
        "gradient": gradient,
        "jacobian": lambda: torch.func.jacrev(f)(*varying),
        "hessian": lambda: torch.func.hessian(f)(*varying),
        "hessian times W": lambda: torch.func.jvp(torch.func.grad(f), tuple(varying), (direction,))[1],
    }[case.kind]
    return {"torch": run}
