#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scikit-learn, statsmodels and xgboost make of a table.

Usage: table_reference.py WHAT TABLE.csv   prints one number per line.
TABLE has columns part (0: training, 1: asked), label, then x0, x1, … or text.
"""
import csv
import sys

import numpy as np


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def numbers(path):
    _, rows = read(path)
    data = np.array(rows, dtype=float)
    x = data[:, 2:]
    train = data[:, 0] == 0
    mean, deviation = x[train].mean(0), x[train].std(0)
    return train, data[:, 1], (x - mean) / deviation


def logistic(path, penalty):
    from sklearn.linear_model import LogisticRegression
    train, y, x = numbers(path)
    model = LogisticRegression(penalty=penalty, C=0.5, solver="liblinear", tol=1e-10, max_iter=10000)
    model.fit(x[train], y[train])
    return np.concatenate([model.coef_[0], model.intercept_, model.predict_proba(x[~train])[:, 1]])


def logit(path):
    import statsmodels.api as sm
    train, y, x = numbers(path)
    model = sm.Logit(y[train], sm.add_constant(x[train])).fit(disp=0, tol=1e-12)
    return np.concatenate([model.params[1:], model.params[:1], model.predict(sm.add_constant(x[~train]))])


def ridge(path):
    from sklearn.linear_model import Ridge
    train, y, x = numbers(path)
    model = Ridge(alpha=2.0).fit(x[train], y[train])
    return np.concatenate([model.coef_, [model.intercept_], model.predict(x[~train])])


def poisson(path):
    import statsmodels.api as sm
    train, y, x = numbers(path)
    model = sm.GLM(y[train], sm.add_constant(x[train]), family=sm.families.Poisson()).fit(tol=1e-12)
    return np.concatenate([model.params[1:], model.params[:1], model.predict(sm.add_constant(x[~train]))])


def neighbours(path):
    from sklearn.neighbors import KNeighborsClassifier
    train, y, x = numbers(path)
    share = KNeighborsClassifier(7).fit(x[train], y[train]).predict_proba(x[~train])[:, 1]
    return (7 * share + y[train].mean()) / 8


def components(path):
    from sklearn.decomposition import PCA
    train, _, x = numbers(path)
    found = PCA(2).fit(x[train]).components_
    return np.concatenate([row * np.sign(row[np.abs(row).argmax()]) for row in found])


def text(path, **how):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    _, rows = read(path)
    train = [row for row in rows if row[0] == "0"]
    asked = [row for row in rows if row[0] == "1"]
    terms = TfidfVectorizer(sublinear_tf=True, min_df=2, **how)
    x = terms.fit_transform([row[2] for row in train])
    model = LogisticRegression(C=2.0, solver="liblinear", tol=1e-10, max_iter=10000)
    model.fit(x, [float(row[1]) for row in train])
    return model.predict_proba(terms.transform([row[2] for row in asked]))[:, 1]


def trees(path, contributions=False):
    import xgboost
    _, rows = read(path)
    data = np.array(rows, dtype=float)
    train, x = data[:, 0] == 0, data[:, 2:]
    model = xgboost.train(
        {"objective": "binary:logistic", "tree_method": "hist", "max_depth": 3, "eta": 0.1,
         "subsample": 0.8, "colsample_bytree": 0.8, "lambda": 1, "min_child_weight": 1,
         "base_score": 0.5, "seed": 1, "nthread": 1},
        xgboost.DMatrix(x[train], data[train, 1]), num_boost_round=40)
    asked = xgboost.DMatrix(x[~train])
    if contributions:
        return model.predict(asked, pred_contribs=True).ravel()
    return model.predict(asked, output_margin=True)


def platt(path):
    from sklearn.calibration import _SigmoidCalibration
    train, y, x = numbers(path)
    model = _SigmoidCalibration().fit(x[train, 0], y[train])
    return [-model.a_, -model.b_]


WHAT = {
    "logistic_l2": lambda path: logistic(path, "l2"),
    "logistic_l1": lambda path: logistic(path, "l1"),
    "logit": logit, "ridge": ridge, "poisson": poisson, "neighbours": neighbours,
    "components": components, "trees": trees, "platt": platt,
    "contributions": lambda path: trees(path, contributions=True),
    "words": lambda path: text(path, ngram_range=(1, 2)),
    "letters": lambda path: text(path, analyzer="char_wb", ngram_range=(2, 4)),
}

if __name__ == "__main__":
    for number in WHAT[sys.argv[1]](sys.argv[2]):
        print(f"{number:.10g}")
