# SPDX-License-Identifier: Apache-2.0
"""The labelled corpus of redaction: values, templates, sentences."""
